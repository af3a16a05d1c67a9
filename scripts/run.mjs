// The task runner: `npm start`, `npm test`, `npm run atrous`, … on any machine with Node 20 and npm. Brings the
// pinned Node and pnpm into .tools/ and installs the packages, once; then runs a task from source. Logs to stderr.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bringPrograms, browserNames } from './programs.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tools = join(root, '.tools');
/** The one thing that is compiled before tests. */
const assembly = 'packages/runtime-wasm/assembly';
const generated = 'packages/runtime-wasm/src/generated';
const isWindows = process.platform === 'win32';
const caller = process.env.INIT_CWD ?? process.cwd();
const read = (file) => readFileSync(join(root, file), 'utf8');
const log = (text) => process.stderr.write(`${text}\n`);

const nodeVersion = read('.node-version').trim();
const pnpmVersion = JSON.parse(read('package.json')).packageManager.split('@')[1];
const node = join(tools, 'node_modules', 'node', 'bin', isWindows ? 'node.exe' : 'node');
const pnpm = join(tools, 'node_modules', '.bin', isWindows ? 'pnpm.cmd' : 'pnpm');

/** Runs a program; its exit code. */
function run(program, args, { cwd = root, env = {}, quiet = false } = {}) {
  const result = spawnSync(program, args, {
    cwd,
    env: {
      ...process.env,
      PATH: `${join(tools, 'node_modules', '.bin')}${isWindows ? ';' : ':'}${process.env.PATH}`,
      // the command starts from source, and the tests start it some hundreds of times: each in a third of the time
      NODE_COMPILE_CACHE: join(tools, 'compile-cache'),
      ...env,
    },
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['inherit', 'inherit', 'inherit'],
    shell: isWindows && program.endsWith('.cmd'),
    encoding: 'utf8',
  });
  if (result.error) throw result.error;
  return { code: result.status ?? 1, text: `${result.stdout ?? ''}${result.stderr ?? ''}` };
}

/** Runs a step of the set-up, silent unless it fails. */
function step(what, program, args, env) {
  log(`setting up: ${what} …`);
  const { code, text } = run(program, args, { env, quiet: true });
  if (code === 0) return;
  log(text);
  log(`setting up failed at: ${what}`);
  process.exit(1);
}

function answersVersion(program, version) {
  try {
    return run(program, ['--version'], { quiet: true }).text.includes(version);
  } catch {
    return false;
  }
}

/** Brings Node, pnpm and the packages, unless what is there is what the lockfile asks for. */
function setUp() {
  const kernels = readdirSync(join(root, assembly)).filter((file) => file.endsWith('.ts'));
  const files = ['.node-version', 'package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'];
  files.push(...kernels.map((file) => `${assembly}/${file}`));
  const stamp = createHash('sha256').update(files.map(read).join('\0')).digest('hex');
  const stampFile = join(tools, 'stamp');
  if (
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === stamp &&
    existsSync(join(root, 'node_modules')) &&
    existsSync(join(root, generated))
  )
    return;

  mkdirSync(tools, { recursive: true });
  if (!answersVersion(node, nodeVersion) || !answersVersion(pnpm, pnpmVersion)) {
    const packages = [`node@${nodeVersion}`, `pnpm@${pnpmVersion}`];
    const npm = isWindows ? 'npm.cmd' : 'npm';
    step(`Node ${nodeVersion} and pnpm ${pnpmVersion} into .tools/`, npm, [
      'install',
      '--prefix',
      tools,
      '--no-audit',
      '--no-fund',
      ...packages,
    ]);
    for (const [program, version] of [
      [node, nodeVersion],
      [pnpm, pnpmVersion],
    ]) {
      if (answersVersion(program, version)) continue;
      log(
        `${program} does not answer ${version}: npm may have been told not to run install scripts; run "npm rebuild --prefix .tools"`,
      );
      process.exit(1);
    }
  }
  step('packages', pnpm, ['install', '--frozen-lockfile'], { CI: 'true' });
  step('kernels', node, [join(root, 'packages/runtime-wasm/scripts/assemble.mjs')]);
  writeFileSync(stampFile, stamp);
}

const fromSource = ['--conditions=@atrous/source'];
const atrous = (...args) =>
  run(node, [...fromSource, join(root, 'apps/cli/src/main.ts'), ...args], { cwd: caller }).code;
const binary = (name) => join(root, 'node_modules', '.bin', isWindows ? `${name}.cmd` : name);
const turbo = (task, ...args) =>
  run(binary('turbo'), ['run', task, '--output-logs=errors-only', ...args], {
    env: { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
  }).code;

const person = 'hair,skin,top,outerwear,dress,skirt,trousers,legwear,shoes,bag,accessories';

const tasks = {
  /** A picture in; overlay, mask and cut-out in atrous-output/. */
  start(...args) {
    const hasPicture = args.some((arg) => !arg.startsWith('-'));
    const pictures = hasPicture ? [] : [join(root, 'apps/studio/samples/soccer.jpg')];
    const cutout = args.some((arg) => /^--(model|cutout)\b/.test(arg)) ? [] : ['--cutout', person];
    return atrous('segment', ...pictures, ...args, ...cutout, '-o', 'atrous-output');
  },
  atrous,
  /** All tests; the browser ones in Debian's or the system's Chromium, those of queues with its Redis. */
  test(...args) {
    const env = bringPrograms(['chromium', 'redis'], log);
    const chromium = env.ATROUS_CHROMIUM;
    if (!chromium && process.env.CI) {
      log('no Chromium: the browser tests cannot run');
      return 1;
    }
    if (!chromium)
      log(
        'SKIPPED: projects "browser" and "studio": no Chromium here; install one, or set ATROUS_CHROMIUM to its path',
      );
    if (!env.ATROUS_REDIS) log('SKIPPED: tests of queues: no Redis or Valkey here');
    const projects = chromium ? [] : ['--project=unit'];
    return run(node, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...projects, ...args], {
      env,
    }).code;
  },
  /**
   * The engine and the built studio in Chromium, Firefox and WebKit; `--update` writes what was found into support.json and the
   * README. What may not be installed here is skipped by name.
   */
  browsers(...args) {
    const isUpdate = args.includes('--update');
    const env = { ...bringPrograms(browserNames, log), ATROUS_UPDATE: isUpdate ? '1' : '' };
    const rest = args.filter((arg) => arg !== '--update');
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    return run(node, [vitest, 'run', '--config', join(root, 'browsers/vitest.config.ts'), ...rest], { env })
      .code;
  },
  /** Our engine beside its peers, in Chromium and Node; a quarter of an hour, three minutes with --quick. */
  bench: (...args) =>
    run(node, [...fromSource, join(root, 'benchmarks/src/main.ts'), ...args], {
      env: bringPrograms(['chromium'], log),
    }).code,
  /** The mask-rendering app, for development. */
  studio: (...args) =>
    run(node, [join(root, 'node_modules/vite/bin/vite.js'), ...args], { cwd: join(root, 'apps/studio') })
      .code,
  build: (...args) => turbo('build', ...args),
  /** Types of all packages, of the examples in their READMEs, and the model cards. */
  check: (...args) =>
    turbo('check', ...args) ||
    run(node, [join(root, 'scripts/check_examples.mjs')]).code ||
    run(node, [join(root, 'scripts/model_cards.mjs'), '--check']).code,
  /** The documentation site into apps/docs/dist, and whether each of its links leads somewhere. */
  docs: () =>
    run(node, [...fromSource, join(root, 'apps/docs/build/site.ts')], { cwd: join(root, 'apps/docs') }).code,
  lint: () => run(binary('biome'), ['ci', '.']).code,
  format: () => run(binary('biome'), ['check', '--write', '.']).code,
  /** The built tarballs, installed in an empty folder and used on the Node that runs this script. */
  packages: (...args) =>
    tasks.build() || run(process.execPath, [join(root, 'scripts/check_packages.mjs'), pnpm, ...args]).code,
};

const [task, ...args] = process.argv.slice(2);
if (!Object.hasOwn(tasks, task ?? '')) {
  log(`usage: node scripts/run.mjs <${Object.keys(tasks).join('|')}> [arguments]`);
  process.exit(1);
}
setUp();
process.exit(tasks[task](...args));
