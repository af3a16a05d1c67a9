import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { freePort, listening } from './test_redis.ts';

/** moto, a server of Amazon's APIs for tests, that honours conditions on writes: `pip install 'moto[server]'`. */
export const hasMoto: boolean = spawnSync('python3', ['-c', 'import moto.server']).status === 0;
export const needsMoto: string = hasMoto
  ? ''
  : " (skipped: needs Python with moto, pip install 'moto[server]')";

export interface TestS3 {
  /** Says where it is, as it does to every AWS tool. */
  readonly environment: Record<string, string>;
  stop(): Promise<void>;
}

/** A server of this test's own, in memory. */
export async function startS3(): Promise<TestS3> {
  const port = await freePort();
  const command = 'import sys; from moto.server import main; main(sys.argv[1:])';
  const args = ['-c', command, '-H', '127.0.0.1', '-p', `${port}`];
  const child: ChildProcess = spawn('python3', args, { stdio: 'ignore' });
  await listening(port);
  return {
    environment: {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
