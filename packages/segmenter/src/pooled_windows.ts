import { type Session, type Tensor, tensor } from '@atrous/tensor';
import { type Band, placesOf, seeBands } from './bands.ts';
import { type FeatureMap, featureMap } from './feature_map.ts';
import { expectFinite } from './finite.ts';
import { featuresShape, outputShape, type PooledParts } from './pooled_parts.ts';
import type { PartWindows, Span, Windows } from './windows.ts';

/** A network in parts, with the sessions that run them. */
export interface DividedNetwork {
  readonly parts: PooledParts;
  readonly sessions: PartSessions;
}

export interface PartSessions {
  readonly encoder: Session;
  readonly context: Session;
  readonly decoder?: Session;
}

/** What an input lies on, and who hears of it. */
export interface PooledInput {
  /** The network's input in these rows and columns. */
  image(rows: Span, columns: Span): Tensor;
  readonly signal?: AbortSignal;
  /** Called after each window of each part. */
  seen(): void;
}

/** How many windows all parts have. */
export const countWindows = ({ encoder, context, decoder }: PartWindows): number =>
  [encoder, context, ...(decoder ? [decoder] : [])]
    .map(({ down, across }) => down.length * across.length)
    .reduce((sum, count) => sum + count);

/**
 * Logits of an input by windows, where something is pooled over all of it: first the features of every window, from which the mean over the whole
 * picture is known; then what the context's branches see of them, with that mean; then the logits, in bands from above. The features are
 * most of what is kept: 2 or 4 bytes for each number of the encoder's last value.
 */
export async function* seePooled(
  { parts, sessions }: DividedNetwork,
  windows: PartWindows,
  { image, seen, signal }: PooledInput,
): AsyncGenerator<Band, void, undefined> {
  const { names, stride, context, decoder } = parts;
  const run = async (session: Session, feeds: Readonly<Record<string, Tensor>>): Promise<Tensor> => {
    signal?.throwIfAborted();
    const [result] = Object.values(await session.run(feeds, { signal }));
    expectFinite('features', result);
    seen();
    return result;
  };
  const ofImage = (height: number, width: number) => featuresShape(parts, height, width);
  /** The features under some pixels of the image. */
  const under = ({ begin, end }: Span, axis: 0 | 1): Span => {
    const first = begin / stride;
    return { begin: first, end: first + ofImage(end - begin, end - begin)[axis] };
  };

  const [height, width] = extents(windows.encoder);
  const shape = ofImage(height, width);
  /** Where this is over, the features are no more. */
  const fill = async (contexts: FeatureMap): Promise<void> => {
    const features = featureMap(shape);
    for (const { rows, columns, down, across } of placesOf(windows.encoder, ofImage).flat())
      features.put(await run(sessions.encoder, { image: image(rows, columns) }), down, across);
    const meanShape = context.inputs[names.mean].shape.map((extent) => extent ?? 1);
    const mean = tensor('float32', meanShape, features.mean());
    for (const { rows, columns, down, across } of placesOf(windows.context, ofImage).flat()) {
      const found = features.under(under(rows, 0), under(columns, 1));
      contexts.put(
        await run(sessions.context, { [names.features]: found, [names.mean]: mean }),
        down,
        across,
      );
    }
  };
  const contexts = featureMap(outputShape(parts, context, height, width));
  await fill(contexts);

  if (!decoder || !windows.decoder) {
    const logits = contexts.under({ begin: 0, end: shape[0] }, { begin: 0, end: shape[1] });
    yield { logits, first: 0, total: shape[0] };
    return;
  }
  yield* seeBands(
    windows.decoder,
    (rows, columns) => outputShape(parts, decoder, rows, columns),
    (rows, columns) => {
      return run(sessions.decoder!, {
        ...('image' in decoder.inputs && { image: image(rows, columns) }),
        [names.context]: contexts.under(under(rows, 0), under(columns, 1)),
      });
    },
  );
}

const extents = ({ down, across }: Windows) => [down, across].map((spans) => spans[spans.length - 1].end);
