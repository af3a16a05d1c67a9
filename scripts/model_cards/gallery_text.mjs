// The part of a card between its marks "gallery": a line for each of its pictures.
import { paragraphs } from './text.mjs';

/** The address of a licence's text; undefined in the public domain. @throws for one that the project may not publish */
export function licenceUrl(licence, where) {
  if (licence.startsWith('public domain')) return undefined;
  if (licence === 'CC0 1.0') return 'https://creativecommons.org/publicdomain/zero/1.0/';
  const [, kind, version] = /^CC (BY|BY-SA) (\d\.\d)$/.exec(licence) ?? [];
  if (kind) return `https://creativecommons.org/licenses/${kind.toLowerCase()}/${version}/`;
  throw new Error(
    `${where}: licence is "${licence}"; expected public domain …, CC0 1.0, CC BY or CC BY-SA with a version, or use look`,
  );
}

/** So that brackets and stars of a title stay what they are. */
const plain = (text) => text.replace(/[\\`*_[\]<>]/g, '\\$&');

function line({ title, author, source, licence, changes, verdict }, number) {
  const url = licenceUrl(licence, `picture ${number}`);
  const terms = url ? `[${licence}](${url})` : licence;
  const changed = changes && changes !== 'none' ? `; ${changes}` : '';
  const address = source.replace(/[()]/g, (bracket) => (bracket === '(' ? '%28' : '%29'));
  return `${number}. [${plain(title)}](${address}) by ${plain(author)}, ${terms}${changed}. **${plain(verdict.trim())}**`;
}

function chosenBy({ as, every, of, pictures }) {
  if (as)
    return `The ${pictures.length} pictures of the card of [\`@atrous/model-${as}\`](../model-${as}), in its order`;
  return every === 1
    ? `All ${of} pictures that may be published`
    : `${pictures.length} of ${of} pictures that may be published, one in ${every} by name`;
}

/**
 * @param own what card.json has as "gallery"
 * @param config of the model, whose weights must be those that the sheet was drawn with
 * @throws while a picture has no verdict, or when the weights are others
 */
export function gallery(own, config) {
  const mute = own.pictures.flatMap(({ file, verdict }, i) => (verdict?.trim() ? [] : `${i + 1} ${file}`));
  if (mute.length > 0)
    throw new Error(
      `the gallery has no verdict on ${mute.length} of ${own.pictures.length} pictures (${mute.join(', ')}): look at the sheet and write in card/card.json what came out, as "verdict" of each`,
    );
  if (!config.weights.files.some(({ sha256 }) => sha256 === own.weights))
    throw new Error(
      `the gallery was made with other weights than config.json names (${own.weights.slice(0, 12)}…): draw it again, see "node scripts/model_cards.mjs --help"`,
    );
  return paragraphs([
    `${chosenBy(own)}, whatever comes out. In bold: what a person saw who looked
at the classes and ${own.cutout ? `the cut-out of ${own.cutout.replaceAll(',', ', ')}` : 'the cut-out'}. Each picture is linked where it comes from, so that \`atrous segment\` shows the same.`,
    own.pictures.map((picture, i) => line(picture, i + 1)).join('\n'),
  ]);
}
