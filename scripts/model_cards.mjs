// Writes what the model packages' cards have from files: the facts out of config.json and card/card.json, what 8 bits cost out of
// card/int8.json (see int8_loss.ts), the scores out of card/scores/*.json (see model_cards/scores.mjs), how an ONNX file is fed,
// and a gallery. --help says the commands.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { facts } from './model_cards/facts.mjs';
import { galleryCommand, help } from './model_cards/gallery.mjs';
import { gallery } from './model_cards/gallery_text.mjs';
import { onnx } from './model_cards/onnx.mjs';
import { readScores, scores } from './model_cards/scores.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** A card with the text between a section's marks replaced. @throws where there are no such marks */
function withSection(card, name, text) {
  const section = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(\\n?<!-- end -->)`);
  if (!section.test(card))
    throw new Error(`has no lines "<!-- ${name} -->" and "<!-- end -->": write both where that part belongs`);
  return card.replace(section, (_all, begin) => `${begin}${text}\n<!-- end -->`);
}

/** A card as its files say. */
function written(folder, text) {
  const config = readJson(join(folder, 'config.json'));
  const own = join(folder, 'card', 'card.json');
  const card = existsSync(own) ? readJson(own) : {};
  const scoreFolder = join(folder, 'card', 'scores');
  const files = existsSync(scoreFolder) ? readScores(scoreFolder, card.sets ?? []) : [];
  const int8 = join(folder, 'card', 'int8.json');
  const loss = existsSync(int8) ? readJson(int8) : undefined;
  const withFacts = withSection(text, 'facts', facts(config, card, files.length > 0, loss));
  const withScores =
    files.length > 0 ? withSection(withFacts, 'scores', scores(files, card, config.name)) : withFacts;
  const withOnnx = withSection(withScores, 'onnx', onnx(config.name, config));
  return card.gallery ? withSection(withOnnx, 'gallery', gallery(card.gallery, config)) : withOnnx;
}

const usage = `Usage:
  node scripts/model_cards.mjs            writes the cards of packages/model-*
  node scripts/model_cards.mjs --check    only compares
${help}`;

/** All cards, written or compared. */
function writeCards(isCheck) {
  const folders = readdirSync(join(root, 'packages'))
    .filter((name) => name.startsWith('model-'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'config.json')));
  for (const folder of folders) {
    const path = join(folder, 'README.md');
    const card = readFileSync(path, 'utf8');
    attempt(path, () => {
      const text = written(folder, card);
      if (text === card) return;
      if (isCheck) throw new Error('is not what its files say: run node scripts/model_cards.mjs');
      writeFileSync(path, text);
    });
  }
}

/** Prints what is wrong with a card, and goes on with the next. */
function attempt(path, write) {
  try {
    write();
  } catch ({ message }) {
    console.error(`${path}: ${message}`);
    process.exitCode = 1;
  }
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--help') console.log(usage);
else if (first === undefined || first === '--check') writeCards(first === '--check');
else if (first === 'gallery') {
  await galleryCommand(root, rest).then(console.log, ({ message }) => {
    console.error(message);
    process.exitCode = 1;
  });
} else {
  console.error(`expected --check, --help or gallery, got ${first}\n\n${usage}`);
  process.exitCode = 1;
}
