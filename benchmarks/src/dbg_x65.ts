import { mkdtemp, rm } from 'node:fs/promises';
import { measureLoads, servePage } from './browser.ts';
import { writeFiles, writeModelFolder } from './files.ts';
import { measurables } from './networks.ts';

const dir = await mkdtemp('/tmp/atrous-bench-dbg-');
const page = await servePage(dir);
console.log('built');
const [largest] = await measurables();
await writeFiles(dir, [largest]);
await writeModelFolder(dir, largest);
console.log('written');
console.log('x65', await measureLoads(page.url, `/files/${largest.folder}/`));
console.log('people', await measureLoads(page.url, '/models/people/'));
await page.close();
await rm(dir, { recursive: true });
process.exit(0);
