import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { details, summary } from './claims.ts';
import type { Results, SpeedRow } from './results.ts';
import { tables } from './table.ts';
import { texts } from './texts.ts';

const row = (network: string, contender: string, milliseconds: readonly number[], threads = 1): SpeedRow => ({
  network,
  contender,
  milliseconds,
  threads,
  operations: 1e9,
  cpu: [],
  error: 0,
  peaks: [],
});

const shipped = [
  row('a', 'atrous relaxed', [100, 120]),
  row('a', 'LiteRT.js', [400, 90]),
  row('a', 'onnxruntime-web', [300, 200]),
  row('b', 'atrous relaxed', [10]),
  row('b', 'LiteRT.js', [12.5]),
  row('b', 'onnxruntime-web', [17]),
  row('b', 'TensorFlow.js', []),
  row('a', 'atrous relaxed', [50], 2),
  row('a', 'LiteRT.js', [100], 2),
];
const results: Results = {
  date: '2026-01-01',
  machine: { cpu: 'Abacus', cores: 2, features: [] },
  versions: {},
  modules: { 'relaxed shared': 17_100, 'simd shared': 15_000 },
  platforms: [
    { name: 'Chromium 1', set: 'as shipped', flags: [], speed: shipped, first: [] },
    {
      name: 'Chromium 1',
      set: 'revectorized',
      flags: ['--pair'],
      speed: [row('a', 'atrous relaxed', [40])],
      first: [],
    },
  ],
};

describe('what is said of speed', () => {
  test('are ratios of shortest times, of each network to itself; who was not measured is not named', () => {
    expect(summary(results)).toBe(
      "17 kB each; on one thread of Chromium its speed is 1.70 to 2.00 × onnxruntime-web's and 0.90 to 1.25 × LiteRT.js'",
    );
  });

  test('threads and flags are not mixed', () => {
    const text = details(results);
    expect(text).toContain('- on two threads: 2.00 × that of LiteRT.js\n');
    expect(text).toContain("- with V8's revectorisation, one thread: 2.50 × its own without");
    expect(text).not.toContain('Node');
  });

  test('the tables have ratios of times: what is slower is above 1', () => {
    expect(tables(results)).toContain('| a | 1 | onnxruntime-web | 200 | 300 |  |  | 2.00 × |');
    expect(tables(results)).toContain('Flags: `--pair`.');
  });
});

test.each(texts())(
  '$file says what results.json does: npm run -s bench -- --render',
  ({ actual, expected }) => {
    expect(actual).toBe(expected);
  },
);

/** READMEs of the whole repository. */
function readmes(): string[] {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const below = ['packages', 'apps'].flatMap((folder) =>
    readdirSync(`${root}${folder}`).map((name) => `${folder}/${name}/README.md`),
  );
  return ['README.md', 'benchmarks/README.md', ...below].map((file) => `${root}${file}`);
}

test('nothing else claims to be faster than a peer', () => {
  for (const file of readmes()) {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      continue; // a package without one
    }
    const byHand = text.replace(/<!-- (speed|results|webgpu) -->[\s\S]*?<!-- end -->/g, '');
    expect(byHand, file).not.toMatch(
      /(faster|slower) than (onnxruntime|TensorFlow|LiteRT|tfjs|every|all|any)/i,
    );
  }
});
