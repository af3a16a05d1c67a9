// Puts what the page fetches beside it: one file with all of Atrous, its worker's, and the model.
import { cpSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const folderOf = (file) => dirname(fileURLToPath(import.meta.resolve(file)));
cpSync('index.html', 'public/index.html');
for (const file of ['standalone.js', 'worker_segmenter.js'])
  cpSync(`${folderOf('@atrous/segmenter/standalone')}/${file}`, `public/atrous/${file}`);
cpSync(folderOf('@atrous/model-people-small/config.json'), 'public/model', { recursive: true });
