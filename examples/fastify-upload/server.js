// Cuts people out of uploaded pictures: POST /cutout, a form with one file
import { encodePng } from '@atrous/mask';
import { Segmenter } from '@atrous/segmenter';
import { AtrousError } from '@atrous/tensor';
import multipart from '@fastify/multipart';
import fastify from 'fastify';

const segmenter = await Segmenter.load('@atrous/model-people-small');
const people = segmenter.classes.filter(({ name }) => name !== 'background').map(({ name }) => name);

const server = fastify();
await server.register(multipart, { limits: { files: 1, fileSize: 20e6 } });

server.post('/cutout', async (request, reply) => {
  const file = await request.file();
  if (!file) return reply.code(400).send({ error: 'a form with one file was expected' });
  const picture = await file.toBuffer();
  const { cutOut } = await segmenter.segment(picture, { cutOut: people, maxPixels: 30e6 });
  return reply.type('image/png').send(Buffer.from(encodePng(cutOut)));
});

server.setErrorHandler((error, _request, reply) => {
  const isTheirs = error instanceof AtrousError && error.code === 'input'; // what was sent is no picture
  return reply.code(isTheirs ? 400 : (error.statusCode ?? 500)).send({ error: error.message });
});
server.addHook('onClose', () => segmenter.dispose());

console.log(await server.listen({ port: Number(process.env.PORT ?? 3000) }));
process.once('SIGTERM', () => server.close());
