// node segment.js photo.jpg: writes photo.overlay.png and photo.cutout.png beside it
import { writeFile } from 'node:fs/promises';
import { parse } from 'node:path';
import { argv } from 'node:process';
import { encodePng, overlay, paletteOf } from '@atrous/mask';
import { readPicture, Segmenter, toRgba } from '@atrous/segmenter';

const [path] = argv.slice(2);
if (!path) throw new Error('usage: node segment.js PICTURE');

const segmenter = await Segmenter.load('@atrous/model-people-small');
const people = segmenter.classes.filter(({ name }) => name !== 'background').map(({ name }) => name);
const picture = toRgba(await readPicture(path));
const { labels, classes, shares, cutOut } = await segmenter.segment(picture, { cutOut: people });

const { dir, name } = parse(path);
const beside = `${dir || '.'}/${name}`;
await writeFile(`${beside}.overlay.png`, encodePng(overlay(picture, labels, paletteOf(classes))));
await writeFile(`${beside}.cutout.png`, encodePng(cutOut));
for (const { id, name } of classes) console.log(`${(100 * shares[id]).toFixed(1).padStart(5)} % ${name}`);
await segmenter.dispose();
