/** Builds the site into `dist` and follows its links: what CI runs. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { checkLinks } from './links.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const node = (...args: readonly string[]) => {
  const env = { ...process.env, ASTRO_TELEMETRY_DISABLED: '1', NODE_OPTIONS: '' };
  const source = ['--conditions=@atrous/source', ...args];
  const { status } = spawnSync(process.execPath, source, { cwd: folder, stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
};

node('build/pages.ts');
node('node_modules/astro/bin/astro.mjs', 'build', '--silent');
checkLinks(fileURLToPath(new URL('../dist', import.meta.url)));
