// The part of a card between its marks "facts": the network, its data with terms and counts, how it was trained.
import { int8Fact } from './int8.mjs';
import { count, paragraphs, percent, table } from './text.mjs';

const networks = {
  xception41: 'Xception-41',
  'xception-middle': "Chollet's Xception without its exit flow",
  'xception-low-rank': "Chollet's Xception without its exit flow, pointwise kernels of low rank",
};

/**
 * @param card card/card.json, with what config.json does not say; empty where there is none
 * @param int8 card/int8.json, what computing in 8 bits costs, where it was measured
 */
export function facts(config, card, hasScores, int8) {
  const { architecture, data, licence, training, weights } = config;
  const encoder = architecture.encoder?.variant ?? architecture.encoder;
  const width = architecture.widthMultiplier ?? 1;
  const network =
    card.network ?? `DeepLabV3+ on ${networks[encoder] ?? encoder}${width === 1 ? '' : ` × ${width}`}`;
  const megabytes = ({ dtype, bytes }) => `${(bytes / 1e6).toFixed(1)} MB in ${dtype}`;
  const parameters = weights.parameters ? `${count(weights.parameters)} parameters; ` : '';
  const lines = [
    [
      'Network',
      `${network}, output stride ${architecture.outputStride}, ${parameters}${weights.files.map(megabytes).join(', ')}`,
    ],
    ['Data', card.data ? undefined : data],
    ['Rights', card.rights ?? licence],
    ['Recipe', card.recipe ?? (training?.crop && recipe(training))],
    ['Machine and time', card.time ?? training?.machine],
    ["In 8 bits (`compute: 'int8'`)", int8Fact(config, int8)],
  ];
  return paragraphs([
    lines
      .filter(([, text]) => text)
      .map(([what, text]) => `- **${what}**: ${text}`)
      .join('\n'),
    card.data && dataTable(card.data),
    !hasScores && config.scores?.val?.iou && ownScores(config),
  ]);
}

const recipe = ({ optimizer, steps, batch, crop, start }) =>
  `${optimizer}, ${steps} steps of ${batch} crops of ${crop.join('×')}, ${start}`;

const dataTable = (rows) =>
  table(
    ['data', 'pictures', 'used for', 'terms'],
    rows.map(({ what, pictures, use, terms }) => [what, count(pictures), use, terms]),
  );

/** What the training's own evaluation said, for a model that `atrous evaluate` has not scored yet. */
function ownScores({ labels, scores: { val, test } }) {
  const rows = labels.map(({ name }) => [name, percent(val.iou[name]), percent(test.iou[name])]);
  return table(
    ['IoU', `validation (${val.pictures} pictures)`, `test (${test.pictures} pictures)`],
    [
      ...rows,
      ['**mean**', `**${percent(val.miou)}**`, `**${percent(test.miou)}**`],
      ['pixel accuracy', percent(val.accuracy), percent(test.accuracy)],
    ],
  );
}
