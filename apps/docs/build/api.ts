/** The API reference: a page of Markdown for each entry of our packages, by TypeDoc from their docstrings. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, LogLevel } from 'typedoc';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const out = fileURLToPath(new URL('../src/content/docs/api/', import.meta.url));
const generated = fileURLToPath(new URL('../.generated/api/', import.meta.url));

type Target = string | { readonly [condition: string]: Target };
interface Entry {
  /** As it is imported. */
  readonly name: string;
  readonly file: string;
  readonly description: string;
}

/** Messages that a compiler of protobuf writes explain nothing. */
const withoutDocs = ['onnx-schema'];

/** What a package exports as TypeScript. */
function entriesOf(folder: string): Entry[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (manifest.private) return [];
  return Object.entries<Target>(manifest.exports ?? {}).flatMap(([path, target]) => {
    const source = typeof target === 'string' ? undefined : target['@atrous/source'];
    if (source === undefined) return [];
    return {
      name: manifest.name + path.slice(1),
      file: join(folder, sourceOf(source)),
      description: manifest.description,
    };
  });
}

/** Node's where platforms differ: it has all that browsers have. */
const sourceOf = (target: Target): string =>
  typeof target === 'string' ? target : sourceOf(target.node ?? target.default);

/** `@atrous/runtime-onnx/wasm` is `runtime-onnx-wasm` in addresses. */
const slugOf = (name: string): string => name.replace(/^@atrous\//, '').replaceAll('/', '-');

const entries = readdirSync(join(root, 'packages'))
  .filter((name) => !withoutDocs.includes(name))
  .flatMap((name) => entriesOf(join(root, 'packages', name)));

const options = {
  plugin: ['typedoc-plugin-markdown'],
  entryPoints: entries.map(({ file }) => file),
  tsconfig: fileURLToPath(new URL('tsconfig.api.json', import.meta.url)),
  logLevel: LogLevel.Error,
  // types are checked by `npm run check`, with the TypeScript that the packages are written for
  skipErrorChecking: true,
  excludeInternal: true,
  excludePrivate: true,
  disableSources: true,
  readme: 'none',
  sort: ['kind', 'alphabetical'],
  groupOrder: ['Functions', 'Classes', 'Variables', 'Interfaces', 'Type Aliases', 'References'],
  sortEntryPoints: false,
  // of typedoc-plugin-markdown
  router: 'module',
  modulesFileName: 'index',
  hidePageHeader: true,
  hidePageTitle: true,
  hideBreadcrumbs: true,
  useHTMLAnchors: true,
  useCodeBlocks: true,
  expandObjects: false,
  expandParameters: false,
  indexFormat: 'table',
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  enumMembersFormat: 'table',
  tableColumnSettings: { hideDefaults: true, hideInherited: true, hideModifiers: true, hideSources: true },
} as const;

/** What the plugin writes about `entry.md`, as a page of the site. */
function page({ name, description }: Entry, markdown: string): string {
  const front = `---\ntitle: ${JSON.stringify(name)}\ndescription: ${JSON.stringify(description)}\nsidebar:\n  label: ${JSON.stringify(name)}\n---\n\n`;
  const imported = `\`\`\`ts\nimport { … } from '${name}';\n\`\`\`\n\n`;
  const body = markdown
    .replaceAll(/\]\(([\w-]+)\.md(#[\w-]+)?\)/g, (_all, slug, anchor = '') => `](/api/${slug}/${anchor})`)
    .replaceAll(/^\*\*\*\n/gm, '')
    .replaceAll('__namedParameters', 'argument');
  return `${front}${description}.\n\n${imported}${body}`;
}

export async function writeApi(): Promise<void> {
  const app = await Application.bootstrapWithPlugins(options as object);
  const project = await app.convert();
  const modules = project?.children ?? [];
  if (!project || modules.length !== entries.length)
    throw new Error(`TypeDoc read ${modules.length} entries of ${entries.length}`);
  modules.forEach((module, i) => {
    module.name = slugOf(entries[i].name);
  });
  await app.outputs.writeOutput({ name: 'markdown', path: generated }, project);
  if (app.logger.hasErrors()) throw new Error('TypeDoc could not write the reference');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const entry of entries) {
    const file = `${slugOf(entry.name)}.md`;
    writeFileSync(join(out, file), page(entry, readFileSync(join(generated, file), 'utf8')));
  }
  console.log(`${entries.length} entries of packages described`);
}
