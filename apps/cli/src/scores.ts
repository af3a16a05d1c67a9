import type { Scores } from '@atrous/mask';
import { percent, table } from './output.ts';

/** So many ignored pixels, and the scores are of something else than the pictures. */
const tooManyIgnored = 0.2;

const percentOr = (share: number | null, otherwise: string): string =>
  share === null ? otherwise : percent(share);

/** Scores as text, line by line. @param classes names by id */
export function scoreLines(classes: readonly string[], scores: Scores): string[] {
  const { iou, miou, accuracy, ignored, absent } = scores;
  const rows = classes.map((name, id) => [
    `  ${name}`,
    percentOr(iou[id], 'does not occur'),
    iou[id] !== null && absent.includes(id) ? 'not in the labels' : '',
  ]);
  return [
    table(rows),
    `mean IoU        ${percentOr(miou, 'nothing to score')}`,
    `pixel accuracy  ${percentOr(accuracy, 'nothing to score')}`,
    `pixels ignored  ${percentOr(ignored, 'no pixels')}`,
    `not in labels   ${absent.map((id) => classes[id]).join(', ') || 'none'}`,
  ];
}

/** Why scores may not say what they seem to. */
export function scoreWarnings(classes: readonly string[], { ignored, ignoredIds, absent }: Scores): string[] {
  const warnings: string[] = [];
  if (ignored !== null && ignored > tooManyIgnored) {
    const ids = `${ignoredIds.slice(0, 5).join(', ')}${ignoredIds.length > 5 ? ', …' : ''}`;
    warnings.push(
      `${percent(ignored)} of the pixels are ignored (their label is ${ids}): class ids are 0 to ${classes.length - 1}; give those pixels one of them if they belong to a class`,
    );
  }
  if (absent.length > 0 && ignored !== null)
    warnings.push(`not measured, since no label has them: ${absent.map((id) => classes[id]).join(', ')}`);
  return warnings;
}
