import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The version of this command. The path above holds from `src` and from `dist`. */
export const version: string = manifest.version;
