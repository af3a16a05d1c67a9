import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
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

const documents = [
  'README.md',
  ...['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}/README.md`),
  ),
];
const examples = documents.flatMap((file) => {
  if (!existsSync(join(root, file))) return [];
  const text = readFileSync(join(root, file), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)];
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

test('what an example may not say', async () => {
  expect(await complaint('segment photo.jpg --colour red')).toContain("unknown option '--colour'");
  expect(await complaint('inspect a.pth --output-stride 4')).toContain('Expected 8, 16 or 32');
  expect(await complaint('run a.pth')).toContain("required option '--feeds <file>' not specified");
  expect(await complaint('paint photo.jpg')).toBe('unknown command paint');
});
