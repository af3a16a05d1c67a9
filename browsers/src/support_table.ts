import type { BrowserName } from './browsers.ts';

/** What was found in a browser. */
export interface Support {
  readonly version: string;
  /** Whether threads share memory in an isolated page. */
  readonly isThreaded: boolean;
  /** Whether it has relaxed SIMD. */
  readonly isRelaxed: boolean;
  /** Whether each runtime ran a network there, and was right. */
  readonly runtimes: Readonly<Record<string, boolean>>;
}

/** A row of the README's table. */
interface Row {
  readonly runtimes: readonly string[];
  readonly title: string;
  /** When it is taken where nobody names one. */
  readonly default?: string;
  /** What a browser lacks that does not run it. */
  readonly needs?: string;
  /** The cell of Node, which its own tests hold. */
  readonly node?: string;
  /** Which tests hold it to the originals' numbers. */
  readonly checked: string;
}

const rows: readonly Row[] = [
  {
    runtimes: ['wasm'],
    title: 'our own engine, SIMD, threads',
    default: 'default',
    node: '✓ default',
    checked: 'all golden files in Node, one of each family in Chromium, two in each browser',
  },
  {
    runtimes: ['webgpu'],
    title: 'our own engine, WGSL',
    default: 'default with a GPU where it is given',
    needs: 'WebGPU',
    node: '✓ where it is given',
    checked:
      'all golden files by a script in Node, one by tests there, two in Chromium and Firefox, on software adapters',
  },
  {
    runtimes: ['onnx:native'],
    title: 'onnxruntime-node',
    node: '✓ default where it is given',
    checked: 'all golden files',
  },
  {
    runtimes: ['onnx:wasm'],
    title: 'onnxruntime-web, SIMD, threads',
    node: '✓',
    checked: 'all golden files in Node, one of each family in Chromium, two in each browser',
  },
  {
    runtimes: ['onnx:webgpu'],
    title: 'onnxruntime-web',
    default: 'default with a GPU where it is given',
    needs: 'WebGPU',
    checked: 'a narrow network, on a software adapter',
  },
  {
    runtimes: ['tfjs:wasm', 'tfjs:cpu'],
    title: 'TensorFlow.js',
    node: '✓',
    checked:
      'all golden files in Node (`tfjs:wasm`), one of each family in Chromium, a narrow network in each browser',
  },
  {
    runtimes: ['tfjs:webgl'],
    title: 'TensorFlow.js',
    needs: 'WebGL',
    checked: 'a narrow network, in software',
  },
  {
    runtimes: ['tfjs:webgpu'],
    title: 'TensorFlow.js',
    needs: 'WebGPU',
    checked: 'a narrow network, on a software adapter',
  },
  { runtimes: ['reference'], title: 'ours, slow and obvious', node: '✓', checked: 'all golden files' },
];

type All = Readonly<Record<BrowserName, Support>>;

function cellOf(row: Row, { runtimes, isRelaxed, isThreaded }: Support): string {
  const [first] = row.runtimes;
  if (!Object.hasOwn(runtimes, first)) return '';
  if (!row.runtimes.every((name) => runtimes[name])) return row.needs ? `no ${row.needs}` : 'does not run';
  const ours = [isRelaxed ? 'relaxed SIMD' : 'SIMD128', ...(isThreaded ? ['threads'] : [])];
  const notes = [...(row.default ? [row.default] : []), ...(first === 'wasm' ? ours : [])];
  return ['✓', notes.join(', ')].join(' ').trim();
}

/** What runs where, in Markdown. */
function supportTable(support: All): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const versions = Object.entries(support).map(
    ([name, { version }]) =>
      `${name} ${version
        .split('.')
        .slice(0, name === 'WebKitGTK' ? 2 : 1)
        .join('.')}`,
  );
  const header = ['', ...versions, 'Node', 'checked against the originals'];
  return [
    line(header),
    line(header.map(() => '---')),
    ...rows.map((row) => {
      const names = row.runtimes.map((name) => `\`${name}\``).join(', ');
      const cells = Object.values(support).map((each) => cellOf(row, each));
      return line([`${names}: ${row.title}`, ...cells, row.node ?? '', row.checked]);
    }),
  ].join('\n');
}

/** A README with its table of what runs where made anew. */
export function withTable(readme: string, support: All): string {
  const marks = /(<!-- support -->\n\n)[\s\S]*?(\n\n<!-- end of support -->)/;
  return readme.replace(marks, (_all, begin, end) => `${begin}${supportTable(support)}${end}`);
}
