import { AtrousError, messageOf } from '@atrous/tensor';
import type { S3Client } from '@aws-sdk/client-s3';
import { isPictureKey, type Store } from './store.ts';

type Sdk = typeof import('@aws-sdk/client-s3');

/** Whoever needs no bucket does not have it installed. */
async function bring(): Promise<Sdk> {
  try {
    return await import('@aws-sdk/client-s3');
  } catch (cause) {
    throw new AtrousError(
      'unavailable',
      'buckets need @aws-sdk/client-s3, which does not load: run "npm install @aws-sdk/client-s3" beside @atrous/fleet',
      { cause },
    );
  }
}

/** `s3://bucket/a/b`: objects whose keys begin with `a/b/`. */
function parse(location: string): { bucket: string; prefix: string } {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(location);
  if (!match) throw new AtrousError('input', `${location}: expected s3://bucket/prefix`);
  const [, bucket, below = ''] = match;
  const prefix = below.replace(/\/+$/, '');
  return { bucket, prefix: prefix && `${prefix}/` };
}

/** Credentials, region and address are those that every AWS tool takes out of the environment. */
function clientOf({ S3Client }: Sdk): S3Client {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const region = AWS_REGION ?? AWS_DEFAULT_REGION;
  const endpoint = AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL;
  if (!endpoint) return new S3Client({ ...(region && { region }) });
  // servers of others: buckets are paths there, not names of hosts, and checksums of new kinds are not known by all
  return new S3Client({
    endpoint,
    region: region ?? 'us-east-1',
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

/** Objects of any S3 API. */
export async function s3Store(location: string): Promise<Store> {
  const { bucket, prefix } = parse(location);
  const sdk = await bring();
  const { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, PutObjectCommand } = sdk;
  const client = clientOf(sdk);
  const at = (key: string) => ({ Bucket: bucket, Key: prefix + key });
  const nameOf = (key: string) => `s3://${bucket}/${prefix}${key}`;
  let isConditional = true;

  return {
    async *pictures() {
      try {
        for await (const { Contents = [] } of paginateListObjectsV2(
          { client },
          { Bucket: bucket, Prefix: prefix },
        )) {
          for (const { Key = '', ETag = '' } of Contents) {
            const key = Key.slice(prefix.length);
            if (isPictureKey(key)) yield { key, version: ETag };
          }
        }
      } catch (cause) {
        throw new AtrousError('input', `${location} cannot be listed: ${messageOf(cause)}`, { cause });
      }
    },
    async read({ key, version }) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ ...at(key), IfMatch: version }));
        return new Uint8Array(await Body!.transformToByteArray());
      } catch (cause) {
        const status = statusOf(cause);
        if (status === 404) throw new AtrousError('not-found', `${nameOf(key)}: no such object`, { cause });
        if (status === 412) {
          const advice = 'changed since it was enqueued: enqueue it again';
          throw new AtrousError('integrity', `${nameOf(key)}: ${advice}`, { cause });
        }
        throw cause; // the network, or the server: it is tried again
      }
    },
    async has(key) {
      try {
        await client.send(new HeadObjectCommand(at(key)));
        return true;
      } catch (cause) {
        if (statusOf(cause) === 404) return false;
        throw cause;
      }
    },
    async write(key, bytes, type) {
      const object = { ...at(key), Body: bytes, ContentType: type };
      try {
        await client.send(new PutObjectCommand({ ...object, ...(isConditional && { IfNoneMatch: '*' }) }));
        return true;
      } catch (cause) {
        const status = statusOf(cause);
        if (status === 412) return false; // another worker was first, with the same bytes
        if (status !== 501 || !isConditional) throw cause;
        // this server knows no conditions: what is written twice is the same
        isConditional = false;
        await client.send(new PutObjectCommand(object));
        return true;
      }
    },
  };
}
