import {
  addCounts,
  countBoundary,
  countPicture,
  fileNameOf,
  firstOf,
  type LabelFormatName,
  type Mapping,
  type ScoredPicture,
  stemOf,
  tallyOf,
} from '@atrous/dataset';
import type { LabelledPictures } from '@atrous/dataset/node';
import {
  type ConfusionMatrix,
  confusionMatrix,
  type LabelColors,
  type LabelMap,
  paletteOf,
  scoresOf,
} from '@atrous/mask';
import { type Pixels, readPicture, type Segmenter, type ViewOptions } from '@atrous/segmenter';
import { messageOf } from '@atrous/tensor';
import { type Grouping, type readTags, tagsOf } from './evaluate_tags.ts';
import { note, progressBar } from './output.ts';
import { scoreWarnings } from './scores.ts';

/** What is asked of each picture. */
export interface ScoringFlags {
  readonly groupBy: readonly Grouping[];
  readonly group?: string;
  readonly labelClasses?: unknown;
  readonly labelFormat?: LabelFormatName;
  readonly boundary?: number;
  readonly maxPixels: number;
}

/** A picture that was scored, with all that the scores were made of. */
export interface Seen {
  readonly scored: ScoredPicture;
  readonly pixels: Pixels;
  readonly prediction: LabelMap;
  readonly labels: LabelMap;
  readonly mapping: Mapping;
}

export interface Scoring {
  readonly segmenter: Segmenter;
  readonly mapping: Mapping;
  readonly flags: ScoringFlags;
  readonly views: ViewOptions;
  readonly tags: Awaited<ReturnType<typeof readTags>>;
  readonly signal: AbortSignal;
  /** Called for each picture that was scored. */
  readonly onSeen?: (seen: Seen) => Promise<void>;
}

export interface Scored {
  readonly matrix: ConfusionMatrix;
  readonly pictures: ScoredPicture[];
  readonly failed: { input: string; error: string }[];
  readonly colors: Set<LabelColors>;
}

/** Picture by picture; one that fails is noted, and the others go on. */
export async function scoreAll(
  { pairs, labels: labelsOf }: LabelledPictures,
  scoring: Scoring,
): Promise<Scored> {
  const { segmenter, mapping, flags, tags, signal, views, onSeen } = scoring;
  const { maxPixels, groupBy, labelClasses, labelFormat: format, boundary } = flags;
  const matrix = confusionMatrix(mapping.classes.length);
  const result: Scored = { matrix, pictures: [], failed: [], colors: new Set() };
  // labels with ids of their own are not in the model's colours
  const palette = labelClasses ? undefined : paletteOf(segmenter.classes);
  const bar = progressBar(pairs.length);
  for (const pair of pairs) {
    bar.step(pair.picture);
    try {
      const labels = await labelsOf(pair, { maxPixels, palette, format });
      const pixels = onSeen || groupBy.includes('colour') ? await readPicture(pair.picture) : undefined;
      const { labels: prediction } = await segmenter.segment(pixels ?? pair.picture, { ...views, signal });
      const counts = countPicture(prediction, labels, mapping, pair.truth);
      const tally = tallyOf(counts);
      const name = fileNameOf(pair.picture);
      const scored: ScoredPicture = {
        name,
        tally,
        tags: tagsOf(name, tally, pixels, groupBy, tags),
        ...(boundary !== undefined && { boundary: countBoundary(prediction, labels, mapping, boundary) }),
      };
      if (onSeen && pixels) await onSeen({ scored, pixels, prediction, labels, mapping });
      addCounts(matrix, counts);
      result.pictures.push(scored);
      if (labels.colors) result.colors.add(labels.colors);
    } catch (error) {
      if (signal.aborted) throw error;
      result.failed.push({ input: pair.picture, error: messageOf(error) });
    }
  }
  bar.end();
  return result;
}

/** Says which pictures failed, and sets the exit code. */
export function noteFailures({ failed }: Pick<Scored, 'failed'>): void {
  for (const { input, error } of failed) note(`atrous: ${input} failed: ${error}`);
  if (failed.length > 0) process.exitCode = 1;
}

/** Says what is to be known beside the scores. */
export function noteScoring(
  { matrix, pictures, failed, colors }: Scored,
  { flags, mapping, tags }: Pick<Scoring, 'flags' | 'mapping' | 'tags'>,
): void {
  noteFailures({ failed });
  for (const warning of scoreWarnings(mapping.classes, scoresOf(matrix))) note(`atrous: warning: ${warning}`);
  const others = [...colors].filter((name) => name !== 'the model' && name !== 'ids');
  if (others.length > 0 && !flags.labelClasses)
    note(
      `atrous: warning: labels were read in the colours of ${others.join(', ')}: check that its ids are the model’s`,
    );
  const untagged = pictures.filter(({ name }) => !tags.has(stemOf(name)));
  if (flags.group && untagged.length > 0)
    note(
      `atrous: warning: ${untagged.length} pictures are not in ${flags.group}, and in none of its groups: ${firstOf(untagged.map(({ name }) => name))}`,
    );
}
