import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Segmenter } from '@atrous/segmenter';

/**
 * SHA-256 of what makes two models the same: the config, which has the checksums of the weights, the precision, and what convolutions are
 * computed in; of a bare checkpoint its bytes, too.
 * @param location where the segmenter was loaded from
 */
export async function modelChecksum(
  { config, precision, compute }: Pick<Segmenter, 'config' | 'precision' | 'compute'>,
  location: string,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify({ config, precision, compute }));
  const isFile = await stat(location).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isFile) await pipeline(createReadStream(location), hash, { end: false });
  return hash.digest('hex');
}
