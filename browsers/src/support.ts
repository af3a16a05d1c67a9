import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { BrowserName } from './browsers.ts';
import { type Support, withTable } from './support_table.ts';

const file = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const read = () => JSON.parse(readFileSync(file('support.json'), 'utf8')) as Record<BrowserName, Support>;

/** What was found the last time that somebody wrote it down. */
export const support: Readonly<Record<BrowserName, Support>> = read();

/** Holds what was found to what is written; a newer version alone is no error. With `--update` it is written anew. */
export function holdSupport(name: BrowserName, found: Support): void {
  if (process.env.ATROUS_UPDATE) {
    const all: Record<string, Support> = { ...read(), [name]: found };
    writeFileSync(file('support.json'), `${JSON.stringify(all, null, 2)}\n`);
    const readme = file('../README.md');
    writeFileSync(readme, withTable(readFileSync(readme, 'utf8'), all as typeof support));
    return;
  }
  const { version, ...facts } = support[name];
  if (version !== found.version) console.log(`${name}: written of ${version}, held by ${found.version}`);
  const { version: _, ...now } = found;
  if (isDeepStrictEqual(facts, now)) return;
  throw new Error(
    `${name} ${found.version}: expected what browsers/support.json says, ${JSON.stringify(facts)}, got ` +
      `${JSON.stringify(now)}; if that is right, run "npm run browsers -- --update"`,
  );
}
