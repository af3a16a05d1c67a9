import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { support } from './support.ts';
import { withTable } from './support_table.ts';

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');

test("the README's table of what runs where is that of support.json", () => {
  expect(readme).toContain('<!-- support -->');
  expect(readme).toBe(withTable(readme, support));
});
