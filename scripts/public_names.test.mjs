// What each published package exports, types too, is written in public_names.txt: a name that comes or goes shows in its diff.
// `npm test -- scripts/public_names -u` writes it anew.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifests = globSync('packages/*/package.json', { cwd: root })
  .sort()
  .map((path) => ({
    folder: join(root, dirname(path)),
    ...JSON.parse(readFileSync(join(root, path), 'utf8')),
  }))
  .filter((manifest) => !manifest.private);

/** The source files of an entry, by the condition under which each is taken. */
function sourcesOf(target) {
  const source = target['@atrous/source'];
  if (source === undefined) return [];
  return typeof source === 'string' ? [['', source]] : Object.entries(source);
}

/** The file that an `export … from` speaks of, in this repository. */
function fileOf(request, from) {
  if (request.startsWith('.')) return join(dirname(from), request);
  const [, name, path = ''] = request.match(/^(@atrous\/[^/]+)(\/.*)?$/) ?? [];
  const manifest = manifests.find((each) => each.name === name);
  const [[, source] = []] = manifest ? sourcesOf(manifest.exports[`.${path}`]) : [];
  if (!source) throw new Error(`${from}: exports all of "${request}", which is no file of this repository`);
  return join(manifest.folder, source);
}

/** The names that a file exports, and whether each is a type alone. */
function namesOf(file) {
  const names = new Map();
  const { module, errors } = parseSync(file, readFileSync(file, 'utf8'));
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  for (const { entries } of module.staticExports) {
    for (const { exportName, moduleRequest, isType } of entries) {
      if (exportName.kind === 'Default') names.set('default', false);
      else if (exportName.kind === 'Name') names.set(exportName.name, isType);
      else for (const [name, isAlso] of namesOf(fileOf(moduleRequest.value, file))) names.set(name, isAlso);
    }
  }
  return names;
}

/** One entry: its heading, and a line for each name. */
const listOf = (heading, file) =>
  [heading, ...[...namesOf(file)].map(([name, isType]) => `  ${name}${isType ? ' (type)' : ''}`).sort()].join(
    '\n',
  );

test('the names that packages export', async () => {
  const entries = manifests.flatMap(({ name, folder, exports }) =>
    Object.entries(exports).flatMap(([path, target]) =>
      sourcesOf(target).map(([condition, source]) => {
        const heading = `${name}${path.slice(1)}${condition === 'node' ? ' (in Node)' : ''}`;
        return listOf(heading, join(folder, source));
      }),
    ),
  );
  const file = join(root, 'scripts/public_names.txt');
  await expect(`${entries.join('\n\n')}\n`).toMatchFileSnapshot(file);
});
