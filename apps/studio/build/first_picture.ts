// Draws the first picture of the project's README: a sample, its classes in colour, the people cut out.
// `pnpm --filter studio first-picture`, with what `npm start` wrote into atrous-output/.
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const files = [
  'apps/studio/samples/soccer.jpg',
  'atrous-output/soccer.overlay.png',
  'atrous-output/soccer.cutout.png',
];
const [width, height, gap] = [420, 280, 6];

const parts = files.map((file) =>
  sharp(at(file)).resize(width, height).flatten({ background: '#fff' }).png().toBuffer(),
);
const composed = (await Promise.all(parts)).map((input, i) => ({ input, left: i * (width + gap), top: 0 }));
await sharp({ create: { width: 3 * width + 2 * gap, height, channels: 3, background: '#fff' } })
  .composite(composed)
  .jpeg({ quality: 86, mozjpeg: true })
  .toFile(at('docs/first_picture.jpg'));
