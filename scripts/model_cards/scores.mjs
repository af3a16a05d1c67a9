// The part of a card between its marks "scores": tables out of files that `atrous evaluate --json` wrote.
//
// card/card.json names the sets of pictures: {"sets": [{"id", "title", "about"}], "failures": […]}.
// card/scores/SET.ANYTHING.json are scores on them: a file for each mapping of classes, runtime and precision.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { count, paragraphs, percent, table, withInterval } from './text.mjs';

/** Score files by set. @throws for a file whose set card.json does not name */
export function readScores(folder, sets) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const files = names.sort().map((name) => {
    const set = sets.find(({ id }) => name.startsWith(`${id}.`));
    if (!set) throw new Error(`${join(folder, name)}: expected SET.ANYTHING.json with a set of card.json`);
    return { set, ...JSON.parse(readFileSync(join(folder, name), 'utf8')) };
  });
  for (const { set, model, failed, details } of files) {
    if (failed.length > 0) throw new Error(`${model} on ${set.id}: ${failed.length} pictures failed`);
    for (const [name, measures] of Object.entries(details.classes)) expectConsistent(name, measures, set);
  }
  return files;
}

/** Of precision, recall, F1 and IoU, two say the others: a file that was changed or badly made is seen. */
function expectConsistent(name, { iou, precision, recall, f1 }, set) {
  if (iou.value === null) return;
  const [p, r] = [precision.value ?? 0, recall.value ?? 0];
  const harmonic = p + r > 0 ? (2 * p * r) / (p + r) : 0;
  if (Math.abs(f1.value - harmonic) > 1e-9 || Math.abs(f1.value - (2 * iou.value) / (1 + iou.value)) > 1e-9)
    throw new Error(`scores on ${set.id}: precision, recall, F1 and IoU of ${name} contradict each other`);
}

export function scores(files, card, modelName) {
  const intervals = files[0].intervals;
  return paragraphs([
    `Scores are of \`atrous evaluate\`, at the pictures' own size: one ratio over all pixels of a set, where not said
otherwise. In brackets: the ${intervals.level * 100} % interval of ${count(intervals.resamples)} drawings of as many pictures with replacement. It says what other
pictures of the same kind would give, not what pictures of another kind would.`,
    ...card.sets.flatMap((set) => {
      const own = files.filter((file) => file.set === set);
      const mappings = [...new Set(own.map(mappingOf))];
      return mappings.map((mapping) =>
        setScores(
          set,
          own.filter((file) => mappingOf(file) === mapping),
          modelName,
        ),
      );
    }),
    card.failures && failures(card.failures),
  ]);
}

const asFlag = (flag, classes) =>
  classes
    ? ` ${flag} '${Object.entries(classes)
        .map(([name, ids]) => `${name}=${ids}`)
        .join(',')}'`
    : '';
const mappingOf = ({ classes, labelClasses }) =>
  `${asFlag('--classes', classes)}${asFlag('--label-classes', labelClasses)}`;

/** All tables of a set under one mapping of classes. */
function setScores({ title, about }, files, modelName) {
  const plain = files.filter((file) => viewsOf(file) === '');
  const main =
    plain.find(({ runtime, weights }) => runtime === 'onnx:native' && weights === 'float32') ?? plain[0];
  if (!main) throw new Error(`scores on ${title}: expected a file without --scales and --flip`);
  const { details, groups, lowest } = main;
  const classes = Object.keys(details.classes);
  const absent = main.absent.length > 0 ? ` No label has ${main.absent.join(', ')}: not measured.` : '';
  return paragraphs([
    `### ${title}${main.classes ? `: ${classes.join(', ')}` : ''}`,
    `${about} ${count(main.pictures)} pictures; ${percent(main.ignored)} of their pixels have no label.${absent}`,
    `\`\`\`sh\natrous evaluate --model ${modelName} --images images --labels labels${mappingOf(main)}\n\`\`\``,
    classTable(details),
    groupTable(groups, details, main.classes ? classes.at(-1) : undefined),
    files.length > 1 && runtimeTable(files),
    lowest.length > 0 &&
      `Lowest mean IoU of a picture: ${lowest.map(({ picture, miou }) => `${picture} ${percent(miou)}`).join(', ')}.`,
  ]);
}

function classTable({ classes, miou, accuracy, miouOverPictures, accuracyOverPictures }) {
  const rows = Object.entries(classes).map(
    ([name, { iou, precision, recall, f1, iouOverPictures, pictures }]) => [
      name,
      withInterval(iou),
      percent(precision.value),
      percent(recall.value),
      percent(f1.value),
      percent(iouOverPictures),
      count(pictures),
    ],
  );
  return table(
    ['class', 'IoU', 'precision', 'recall', 'F1 (Dice)', 'IoU, mean over pictures', 'pictures with it'],
    [
      ...rows,
      ['**mean**', `**${withInterval(miou)}**`, '', '', '', percent(miouOverPictures), ''],
      ['pixel accuracy', withInterval(accuracy), '', '', '', percent(accuracyOverPictures), ''],
    ],
  );
}

/** Mean IoU by group; where classes were mapped, the IoU of the last of them, too. */
function groupTable(groups, { classes }, shown) {
  if (groups.length === 0) return '';
  const named = shown !== undefined && classes[shown] ? shown : undefined;
  return table(
    ['group', 'pictures', 'mean IoU', ...(named ? [`${named} IoU`] : [])],
    groups.map((group) => [
      `${group.by}: ${group.group}`,
      count(group.pictures),
      withInterval(group.miou),
      ...(named ? [withInterval(group.classes[named].iou)] : []),
    ]),
  );
}

/** Mean IoU by the way that the network is run, and precision of the weights. */
function runtimeTable(files) {
  const precisions = [...new Set(files.map(({ weights }) => weights))].sort(
    (a, b) => order.indexOf(a) - order.indexOf(b),
  );
  const ways = [...new Set(files.map(wayOf))].sort();
  const cell = (way, weights) => {
    const file = files.find((one) => wayOf(one) === way && one.weights === weights);
    return file ? `${(file.miou * 100).toFixed(2)} %` : '';
  };
  return table(
    ['mean IoU', ...precisions],
    ways.map((way) => [way, ...precisions.map((weights) => cell(way, weights))]),
  );
}
const wayOf = ({ runtime, compute, ...file }) =>
  `${runtime}${compute === 'int8' ? ', computed in 8 bits' : ''}${viewsOf(file)}`;
/** How often a picture is looked at, where that is more than once. */
const viewsOf = ({ scales, flip }) =>
  `${scales ? `, at ${scales.join(', ')} × its size` : ''}${flip ? ', and mirrored' : ''}`;
const order = ['float32', 'float16', 'int8'];

const failures = (list) => paragraphs(['### Where it fails', list.map((text) => `- ${text}`).join('\n')]);
