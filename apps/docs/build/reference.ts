/** Pages of reference that other files are the truth of: the command's own options, tables of the README, measured times. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Argument, Command, Option } from 'commander';

const root = new URL('../../../', import.meta.url);
const out = new URL('../src/content/docs/reference/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** Text in cells of tables and outside code: Markdown means nothing in it. */
const plain = (text: string): string => text.replaceAll(/[|<>*_[\]\\]/g, (sign) => `\\${sign}`);
const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(...header), row(...header.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n');
const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

function writePage(name: string, front: { title: string; description: string }, body: string): void {
  const lines = Object.entries(front).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  writeFileSync(new URL(`${name}.md`, out), `---\n${lines.join('\n')}\n---\n\n${body.trim()}\n`);
}

/** The subcommands, as the command itself makes them. */
async function commands(): Promise<Command[]> {
  const folder = new URL('apps/cli/src/commands/', root);
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'command.ts');
  const modules = await Promise.all(files.map((file) => import(new URL(file, folder).href)));
  const makers = modules.flatMap((module) =>
    Object.entries(module).filter(([name]) => /Command$/.test(name)),
  );
  return makers.map(([, make]) => (make as (signal: AbortSignal) => Command)(new AbortController().signal));
}

const wordOf = (argument: Argument): string => {
  const { required, variadic } = argument;
  const word = `${argument.name()}${variadic ? '...' : ''}`;
  return required ? `<${word}>` : `[${word}]`;
};

/** As one would write it: `360x480` of an object of sizes. */
const defaultOf = ({ defaultValue, negate }: Option): string => {
  if (negate || defaultValue === undefined || defaultValue === false || `${defaultValue}` === '') return '';
  const isObject = typeof defaultValue === 'object' && !Array.isArray(defaultValue);
  return code(isObject ? Object.values(defaultValue).join('x') : String(defaultValue));
};

function describeCommand(command: Command): string {
  const words = command.registeredArguments.map(wordOf);
  const usage = ['atrous', command.name(), ...words, '[options]'].join(' ');
  const named = command.registeredArguments.filter(({ description }) => description);
  const help = { text: '' };
  command.configureOutput({ writeOut: (text) => (help.text += text) });
  command.outputHelp();
  const examples = /^Examples:\n((?: {2}.*\n?)+)/m.exec(help.text)?.[1].replaceAll(/^ {2}/gm, '').trim();
  const first = `${command.description()[0].toUpperCase()}${command.description().slice(1)}.`;
  const choices = ({ argChoices }: Option) => (argChoices ? `: ${argChoices.map(code).join(', ')}` : '');
  return [
    `## ${command.name()}`,
    plain(first),
    `\`\`\`sh\n${usage}\n\`\`\``,
    ...named.map((each) => `${code(wordOf(each))} ${plain(each.description)}`),
    table(
      ['option', 'what it does', 'default'],
      command.options
        .filter(({ hidden }) => !hidden)
        .map((option) => [
          code(option.flags),
          plain(option.description) + choices(option),
          defaultOf(option),
        ]),
    ),
    ...(examples ? [`\`\`\`sh\n${examples}\n\`\`\``] : []),
  ].join('\n\n');
}

/** What stands under a heading of the root's README, without the links that only hold there. */
function sectionOf(heading: string): string {
  const section = new RegExp(`^## ${heading}\\n([\\s\\S]*?)(?=^## )`, 'm').exec(read('README.md'))?.[1];
  if (section === undefined) throw new Error(`README.md has no section "${heading}"`);
  return section.trim().replaceAll(/\[([^\]]+)\]\((?!https?:)[^)]+\)/g, '$1');
}

export async function writeReference(): Promise<void> {
  mkdirSync(fileURLToPath(out), { recursive: true });
  const order = [
    'segment',
    'inspect',
    'classify',
    'embed',
    'export',
    'finetune',
    'evaluate',
    'summary',
    'compare',
  ];
  const rank = (command: Command) => order.indexOf(command.name()) + 1 || order.length + 1;
  const found = (await commands()).toSorted((a, b) => rank(a) - rank(b) || a.name().localeCompare(b.name()));
  writePage(
    'command',
    { title: 'The command', description: 'Every subcommand of atrous, with its options' },
    [
      '`atrous` is a package of its own: `npm install --global atrous`, or `npx atrous` in a folder that has it.',
      'Exit codes: 0 all done; 1 an error, or a file that failed (the others are done); 130 interrupted. Files are written whole or not at all, and never over an input.',
      ...found.map(describeCommand),
    ].join('\n\n'),
  );
  writePage(
    'support',
    { title: 'What runs where', description: 'Runtimes by platform, and what they were checked against' },
    `${sectionOf('What runs where')}\n\nHow to choose one: [Runtimes](/guides/runtimes/).`,
  );
  writePage(
    'networks',
    { title: 'The networks', description: 'Every encoder by name, with its parameters and multiply-adds' },
    sectionOf('The networks').replace(/\n\*\*A new family\*\*[\s\S]*/, ''),
  );
  writePage(
    'sources',
    { title: 'Checkpoints that are read', description: 'Whose weights, of which networks, in which formats' },
    `${sectionOf('Checkpoints')}\n\nHow to load one: [Weights of others](/guides/checkpoints/).`,
  );
}
