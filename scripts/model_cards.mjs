// Writes what the model packages' cards have from files: the facts out of config.json and card/card.json, the scores out
// of card/scores/*.json (see model_cards/scores.mjs), and how an ONNX file is fed. With --check, only compares.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { facts } from './model_cards/facts.mjs';
import { onnx } from './model_cards/onnx.mjs';
import { readScores, scores } from './model_cards/scores.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** A card with the text between a section's marks replaced. @throws where there are no such marks */
function withSection(card, name, text) {
  const section = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(\\n?<!-- end -->)`);
  if (!section.test(card)) throw new Error(`the card has no "<!-- ${name} -->" … "<!-- end -->"`);
  return card.replace(section, (_all, begin) => `${begin}${text}\n<!-- end -->`);
}

/** A card as its files say. */
function written(folder, text) {
  const config = readJson(join(folder, 'config.json'));
  const own = join(folder, 'card', 'card.json');
  const card = existsSync(own) ? readJson(own) : {};
  const scoreFolder = join(folder, 'card', 'scores');
  const files = existsSync(scoreFolder) ? readScores(scoreFolder, card.sets ?? []) : [];
  const withFacts = withSection(text, 'facts', facts(config, card, files.length > 0));
  const withScores =
    files.length > 0 ? withSection(withFacts, 'scores', scores(files, card, config.name)) : withFacts;
  return withSection(withScores, 'onnx', onnx(config.name, config));
}

const folders = readdirSync(join(root, 'packages'))
  .filter((name) => name.startsWith('model-'))
  .map((name) => join(root, 'packages', name))
  .filter((folder) => existsSync(join(folder, 'config.json')));

for (const folder of folders) {
  const path = join(folder, 'README.md');
  const card = readFileSync(path, 'utf8');
  const text = written(folder, card);
  if (text === card) continue;
  if (process.argv.includes('--check')) {
    console.log(`${path} is not what its files say: run node scripts/model_cards.mjs`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, text);
  }
}
