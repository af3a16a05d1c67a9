import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { commands } from './commands.ts';

const idle = new AbortController().signal;
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Arguments of a line of a shell, without its comment and what its output is given to. */
function argumentsOf(line: string): string[] {
  const words = line.replace(/\s[#|]\s.*$/, '').match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
  return words.map((word) => word.replace(/^(['"])(.*)\1$/, '$2'));
}

/** Lines that call the command, continued ones joined. */
const calls = (text: string): string[] =>
  [...text.replaceAll(/\\\n\s*/g, '').matchAll(/^ {0,2}atrous (.*)$/gm)].map(([, line]) => line);

/** Parses a line as the command would, and runs nothing. @returns what the command says is wrong */
async function complaint(line: string): Promise<string> {
  const [name, ...args] = argumentsOf(line);
  if (!Object.hasOwn(commands, name)) return `unknown command ${name}`;
  let said = '';
  const command = commands[name](idle)
    .exitOverride()
    .configureOutput({
      writeErr: (text) => {
        said += text;
      },
    })
    .action(() => {});
  await command.parseAsync(args, { from: 'user' }).catch((error: unknown) => {
    said ||= String(error);
  });
  return said;
}

const pages = 'apps/docs/src/content/docs';
const documents = [
  'README.md',
  ...['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}/README.md`),
  ),
  ...['', 'guides/'].flatMap((folder) =>
    readdirSync(join(root, pages, folder))
      .filter((name) => name.endsWith('.mdx'))
      .map((name) => `${pages}/${folder}${name}`),
  ),
];
const examples = documents.flatMap((file) => {
  if (!existsSync(join(root, file))) return [];
  const text = readFileSync(join(root, file), 'utf8');
  const blocks = [...text.matchAll(/^```sh\b.*\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap(([, block]) => calls(block).map((line) => [file, line] as const));
});

test('there are examples of every command in the READMEs', () => {
  const shown = new Set(examples.map(([, line]) => argumentsOf(line)[0]));
  expect([...shown].toSorted()).toEqual(Object.keys(commands).toSorted());
});

test.each(examples)('%s: atrous %s', async (_file, line) => {
  expect(await complaint(line)).toBe('');
});

test.each(Object.keys(commands))('the help of %s shows examples that it takes', async (name) => {
  let help = '';
  commands[name](idle)
    .configureOutput({
      writeOut: (text) => {
        help += text;
      },
    })
    .outputHelp();
  const lines = calls(help.slice(help.search(/^Examples?:$/m)));
  if (name !== 'runtimes') expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(await complaint(line), line).toBe('');
});

test('the compose file starts workers that there are, with what the queue must not forget', async () => {
  const { services, volumes } = parse(readFileSync(join(root, 'packages/fleet/compose.yaml'), 'utf8'));
  const { queue, worker } = services;
  const [program, ...words] = worker.command.split(' ');
  const at = words.indexOf('atrous', words.lastIndexOf('-p') + 2);
  expect([program, words[0]]).toEqual(['npx', '--yes']);
  const installed = words.slice(1, at).filter((word: string) => word !== '-p');
  const manifest = (folder: string) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const [command, fleet] = [manifest('apps/cli'), manifest('packages/fleet')];
  expect(installed).toEqual([command.name, fleet.name, ...Object.keys(fleet.peerDependencies)]);
  expect(Object.keys(command.bin)).toEqual([words[at]]);
  expect(await complaint(words.slice(at + 1).join(' '))).toBe('');

  const password = `\${QUEUE_PASSWORD:?}`;
  expect(worker.environment.ATROUS_QUEUE).toBe(`redis://:${password}@queue:6379`);
  expect(queue.command).toBe(
    `valkey-server --appendonly yes --maxmemory-policy noeviction --requirepass ${password}`,
  );
  expect(queue.volumes).toEqual([`${Object.keys(volumes)}:/data`]);
  expect(worker.depends_on).toEqual(['queue']);
});

test('what an example may not say', async () => {
  expect(await complaint('segment photo.jpg --colour red')).toContain("unknown option '--colour'");
  expect(await complaint('inspect a.pth --output-stride 4')).toContain('Expected 8, 16 or 32');
  expect(await complaint('run a.pth')).toContain("required option '--feeds <file>' not specified");
  expect(await complaint('paint photo.jpg')).toBe('unknown command paint');
});
