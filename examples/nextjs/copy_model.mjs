// The model that the browser fetches, in the folder that Next.js serves.
import { cpSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const config = fileURLToPath(import.meta.resolve('@atrous/model-people-small/config.json'));
cpSync(dirname(config), 'public/model', { recursive: true });
