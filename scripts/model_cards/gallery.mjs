// `model_cards.mjs gallery`: chooses pictures, runs the model that ships over them, draws a sheet to look at and writes credits
// into card.json. What a person wrote on a picture stays for as long as picture and weights stay. The pictures are other people's:
// cards link them where they are, and no copy of one is part of this repository.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { choose, chooseAs } from './gallery_choose.mjs';

export const help = `  node --conditions=@atrous/source scripts/model_cards.mjs gallery NAME --pictures FOLDER [options]
      draws atrous-output/gallery-NAME.jpg and writes the credits of its pictures into card/card.json of packages/model-NAME
        --licences TABLE   of the pictures, with tabs: file, title, author, source, licence, use (ship or look),
                           changes; files as seen from it; FOLDER/LICENCES.tsv by default
        --every N          take every n-th picture that may be published, by name; 1 by default
        --as NAME          take the pictures of the card of packages/model-NAME instead, to compare two models
        --cutout CLASSES   what the cut-out keeps; all but background by default
        --output FOLDER    only try: gallery-NAME.jpg and gallery.json go there, the card stays as it is
        --model FOLDER     with --output: another model folder than the one that ships
      Then look at the sheet, write a word on each picture as its "verdict" in card.json, put the lines
      "<!-- gallery -->" and "<!-- end -->" into the model's README, and run the script without arguments.`;

const options = {
  pictures: { type: 'string' },
  licences: { type: 'string' },
  every: { type: 'string' },
  as: { type: 'string' },
  cutout: { type: 'string' },
  model: { type: 'string' },
  output: { type: 'string' },
};

/** @param root of the project. @throws with a sentence that says what to do */
export async function galleryCommand(root, args) {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [name, ...rest] = positionals;
  if (!name || rest.length > 0)
    throw new Error(`gallery: expected the name of one model, got ${positionals.join(' ') || 'none'}`);
  const folder = join(root, 'packages', `model-${name}`);
  if (!existsSync(join(folder, 'config.json')))
    throw new Error(`gallery: packages/model-${name} has no config.json`);
  if (!values.pictures) throw new Error('gallery: --pictures is missing; expected a folder');
  if (values.model && !values.output)
    throw new Error('gallery: --model needs --output, since a card shows the model that ships');
  if (values.as && values.every) throw new Error('gallery: --as and --every are two rules; give one');
  const table = values.licences ?? join(values.pictures, 'LICENCES.tsv');
  const { chosen, rule } = chosenPictures(root, table, values);

  const { sheet, weights } = await drawn(values.model ?? folder, chosen, values.cutout);
  const output = values.output ?? join(root, 'atrous-output');
  mkdirSync(output, { recursive: true });
  const sheetPath = join(output, `gallery-${name}.jpg`);
  const cardPath = join(folder, 'card', 'card.json');
  const card = !values.output && existsSync(cardPath) ? JSON.parse(readFileSync(cardPath, 'utf8')) : {};
  const gallery = {
    ...rule,
    ...(values.cutout && { cutout: values.cutout }),
    weights,
    pictures: withVerdicts(chosen, card.gallery?.weights === weights ? card.gallery.pictures : []),
  };
  writeFileSync(sheetPath, sheet.jpeg);
  const json = values.output ? [join(output, 'gallery.json'), gallery] : [cardPath, { ...card, gallery }];
  writeFileSync(json[0], `${JSON.stringify(json[1], null, 2)}\n`);
  const mute = gallery.pictures.filter(({ verdict }) => verdict === '').length;
  return `${relative(process.cwd(), sheetPath)}: ${chosen.length}${rule.of ? ` of ${rule.of}` : ''} pictures, ${(sheet.jpeg.length / 1e6).toFixed(2)} MB, quality ${sheet.quality}; ${mute} without a verdict in ${relative(process.cwd(), json[0])}`;
}

/** The pictures, and by which rule they are those: it stands in the card. */
function chosenPictures(root, table, { pictures, every = '1', as }) {
  if (!as) {
    const { of, chosen } = choose(pictures, table, Number(every));
    return { chosen, rule: { every: Number(every), of } };
  }
  const path = join(root, 'packages', `model-${as}`, 'card', 'card.json');
  const other = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).gallery : undefined;
  if (!other) throw new Error(`gallery: --as ${as}: ${path} has no gallery; draw that one first`);
  return { chosen: chooseAs(pictures, table, other), rule: { as } };
}

/** The sheet, and the sum of the weights that were run. */
async function drawn(model, chosen, cutout) {
  if (!process.execArgv.includes('--conditions=@atrous/source'))
    throw new Error('gallery: runs the packages from source: start it as node --conditions=@atrous/source …');
  const { drawSheet } = await import('./gallery_draw.mjs');
  const { onnx } = await import('../../packages/runtime-onnx/src/node.ts');
  const { Segmenter } = await import('../../packages/segmenter/src/node.ts');
  const { weights } = JSON.parse(readFileSync(join(model, 'config.json'), 'utf8'));
  const segmenter = await Segmenter.load(model, { runtimes: [onnx()] });
  try {
    const paths = chosen.map(({ path }) => path);
    const sheet = await drawSheet(segmenter, paths, keptIds(segmenter.classes, cutout));
    return { sheet, weights: weights.files.find(({ dtype }) => dtype === segmenter.precision).sha256 };
  } finally {
    await segmenter.dispose();
  }
}

/** Ids of the classes of a cut-out. @throws for a name that the model does not have */
export function keptIds(classes, cutout) {
  const names = cutout?.split(',') ?? classes.map(({ name }) => name).filter((name) => name !== 'background');
  return names.map((name) => {
    const found = classes.find((label) => label.name === name);
    if (found) return found.id;
    throw new Error(
      `--cutout: the model has no class "${name}"; it has ${classes.map((label) => label.name).join(', ')}`,
    );
  });
}

/** Credits as the table has them, with the verdicts that were there. */
export const withVerdicts = (chosen, before) =>
  chosen.map(({ file, title, author, source, licence, changes }) => ({
    file,
    title,
    author,
    source,
    licence,
    ...(changes && { changes }),
    verdict: before.find((picture) => picture.file === file)?.verdict ?? '',
  }));
