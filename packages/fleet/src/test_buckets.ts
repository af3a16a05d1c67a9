/**
 * What the store of buckets does on the server that the environment names, as JSON. A process of its own: the test runner's Node asks packages for
 * files for bundlers, which those of Amazon's client cannot be loaded as.
 */
import { messageOf } from '@atrous/tensor';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { enqueue } from './enqueue.ts';
import { openStore, type Store, type StoredPicture } from './store.ts';
import { png } from './test_fleet.ts';

const client = new S3Client({ endpoint: process.env.AWS_ENDPOINT_URL_S3, forcePathStyle: true });
const put = (Key: string, Body: Uint8Array) =>
  client.send(new PutObjectCommand({ Bucket: 'photos', Key, Body }));
const listed = async (store: Store): Promise<StoredPicture[]> => {
  const all: StoredPicture[] = [];
  for await (const picture of store.pictures()) all.push(picture);
  return all;
};
const errorOf = (work: Promise<unknown>) => work.then(() => 'no error', messageOf);

async function tryBuckets() {
  await client.send(new CreateBucketCommand({ Bucket: 'photos' }));
  for (let i = 0; i < 5; i++) await put(`run/${i}.png`, png(i));
  await put('a/1.png', png(1));
  await put('a/b/2.jpg', png(2));
  for (const key of ['a/b/2.mask.png', 'a/.hidden/3.png', 'a/note.txt', 'ab/4.png']) await put(key, png(3));
  const store = await openStore('s3://photos/a/');
  const pictures = await listed(store);
  const read = Buffer.from(await store.read(pictures[1])).equals(Buffer.from(png(2)));
  await put('a/1.png', png(7));
  const out = await openStore('s3://photos/out');
  const before = await out.has('x.png');
  const first = await Promise.all([1, 1].map((seed) => out.write('x.png', png(seed), 'image/png')));
  const again = await out.write('x.png', png(2), 'image/png');
  const [kept] = await listed(out);

  return {
    keys: pictures.map(({ key }) => key),
    read,
    changed: await errorOf(store.read(pictures[0])),
    gone: await errorOf(store.read({ key: 'gone.png', version: '"x"' })),
    noBucket: await errorOf(listed(await openStore('s3://no-such-bucket'))),
    has: [before, await out.has('x.png')],
    first: first.sort(),
    again,
    kept: Buffer.from(await out.read(kept)).equals(Buffer.from(png(1))),
  };
}

async function keysBelow(Prefix: string) {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'photos', Prefix }));
  return Contents.map(({ Key }) => Key);
}

const [what, argument] = process.argv.slice(2);
const tasks: Record<string, () => Promise<unknown>> = {
  try: tryBuckets,
  enqueue: () => enqueue(JSON.parse(argument)),
  list: () => keysBelow(argument),
};
console.log(JSON.stringify(await tasks[what]()));
client.destroy();
