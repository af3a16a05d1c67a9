/** A server of a tiny network as a process of its own: prints its address, logs to standard error, ends at SIGTERM. */
import { createServer } from './index.ts';
import { tinySegmenter } from './test_server.ts';

const segmenter = await tinySegmenter();
const server = await createServer(segmenter, {
  maxBytes: 1_000_000,
  timeout: 15_000,
  logger: { stream: process.stderr },
});
process.once('SIGTERM', async () => {
  await server.close();
  await segmenter.dispose();
});
console.log(await server.listen({ host: '127.0.0.1', port: 0 }));
