import { extname } from 'node:path';
import { writePieces, writeWhole } from '@atrous/checkpoint/node';
import { normalized } from '@atrous/encoder';
import { type Command, InvalidArgumentError } from 'commander';
import {
  describeEncoder,
  type EncoderFlags,
  openEncoder,
  picturesToEncode,
  reportFailures,
  withEach,
} from '../encode_pictures.ts';
import { modelInputs } from '../model_paths.ts';
import { npyPieces } from '../npy.ts';
import { print } from '../output.ts';
import { refuseOverwrites } from '../overwrites.ts';
import { bringPicture, filesOfPictures } from '../pictures.ts';
import { printableName } from '../printable.ts';
import { checkpointOptions, command, precisionOption, runtimeOption, threadsOption } from './command.ts';

interface EmbedFlags extends EncoderFlags {
  readonly save: string;
  readonly normalize: boolean;
}

interface EmbeddedFile {
  readonly path: string;
  readonly embedding: Float32Array;
}

/** How embeddings are written, by the ending of `--save`. */
const formats: Readonly<
  Record<
    string,
    {
      files(path: string): string[];
      write(paths: readonly string[], rows: readonly EmbeddedFile[]): Promise<void>;
    }
  >
> = {
  '.npy': {
    files: (path) => [path, `${path.slice(0, -'.npy'.length)}.txt`],
    async write([numbers, names], rows) {
      const vectors = rows.map(({ embedding }) => embedding);
      await writePieces(numbers, { pieces: npyPieces(vectors, vectors[0].length) });
      await writeWhole(names, rows.map(({ path }) => `${path}\n`).join(''));
    },
  },
  '.jsonl': {
    files: (path) => [path],
    write: ([path], rows) => writePieces(path, { pieces: jsonLines(rows) }),
  },
};

async function* jsonLines(rows: readonly EmbeddedFile[]): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const { path, embedding } of rows)
    yield encoder.encode(`${JSON.stringify({ path, embedding: [...embedding] })}\n`);
}

const formatOf = (path: string) => formats[extname(path).toLowerCase()];

function embeddingsFile(path: string): string {
  if (formatOf(path)) return path;
  throw new InvalidArgumentError(`Expected a file that ends in ${Object.keys(formats).join(' or ')}.`);
}

export function embedCommand(signal: AbortSignal): Command {
  const embedding = command(
    'embed',
    'turn pictures into vectors that are near each other for what looks alike',
  )
    .argument('<pictures...>', 'files, folders, patterns in quotes, zip and tar archives, @list.txt')
    .requiredOption(
      '--save <file>',
      'embeddings.npy: float32 [pictures, length], with the paths in embeddings.txt, a line each; or embeddings.jsonl',
      embeddingsFile,
    )
    .option(
      '--model <name>',
      'people, people-small, street, a checkpoint, a model folder, an npm package or a URL',
      'people',
    )
    .option('--normalize', 'give each vector the length 1', false)
    .addOption(runtimeOption())
    .addOption(threadsOption())
    .addOption(precisionOption());
  for (const option of checkpointOptions()) embedding.addOption(option);
  return embedding
    .addHelpText(
      'after',
      `
Examples:
  atrous embed holidays --model resnet50.pth --save embeddings.npy --normalize
  atrous embed a.jpg b.jpg --save embeddings.jsonl

A picture's vector is what the last layer of a classifier sees; of a network without one, the mean of the encoder's
deepest features over the picture.`,
    )
    .action((args: string[], flags: EmbedFlags) => embed(args, flags, signal));
}

async function embed(args: readonly string[], flags: EmbedFlags, signal: AbortSignal): Promise<void> {
  const found = await picturesToEncode(args);
  const format = formatOf(flags.save);
  const saved = format.files(flags.save);
  refuseOverwrites(
    [...filesOfPictures(found.pictures), ...modelInputs(flags.model)],
    saved.map((path) => ({ path, from: '--save' })),
  );
  const encoder = await openEncoder(flags, signal);
  const { done, failed } = await withEach(found, signal, async (picture): Promise<EmbeddedFile> => {
    const { path } = picture;
    const embedding = await encoder.embed(await bringPicture(picture), { signal });
    return { path, embedding: flags.normalize ? normalized(embedding) : embedding };
  });
  await encoder.dispose();
  if (done.length > 0) await format.write(saved, done);

  const { network, source, runtime, reason } = encoder;
  const length = done.at(0)?.embedding.length;
  const written = done.length > 0 ? saved : [];
  const files = done.map(({ path }) => path);
  const result = { network, source, runtime, reason, length, files, saved: written, failed };
  print(flags, { ...result, skipped: found.skipped }, () =>
    [
      describeEncoder(encoder),
      ...(length === undefined ? [] : [`${done.length} pictures, ${length} numbers each`]),
      ...written.map((path) => `→ ${printableName(path)}`),
    ].join('\n'),
  );
  reportFailures(failed);
}
