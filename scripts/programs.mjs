// Where the programs are that tests run beside Node, and how they get here.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Each program: the variable with its path, where it is looked for, and Debian's packages of it. */
const programs = {
  chromium: {
    title: 'Chromium',
    variable: 'ATROUS_CHROMIUM',
    places: [
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/usr/bin/google-chrome',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    ],
    packages: ['chromium'],
  },
  firefox: {
    title: 'Firefox',
    variable: 'ATROUS_FIREFOX',
    places: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
    packages: ['firefox-esr', 'xvfb'],
    needs: ['/usr/bin/Xvfb'],
  },
  webkit: {
    title: 'WebKitGTK',
    variable: 'ATROUS_WEBKIT',
    places: ['/usr/bin/WebKitWebDriver'],
    packages: ['webkit2gtk-driver', 'xvfb'],
    needs: ['/usr/bin/Xvfb'],
  },
  vulkan: {
    title: "Mesa's Vulkan in software",
    variable: 'ATROUS_VULKAN',
    places: ['x86_64', 'aarch64'].map((machine) => `/usr/share/vulkan/icd.d/lvp_icd.${machine}.json`),
    packages: ['mesa-vulkan-drivers'],
  },
  redis: {
    title: 'Redis',
    variable: 'ATROUS_REDIS',
    places: [
      '/usr/bin/redis-server',
      '/usr/bin/valkey-server',
      '/usr/local/bin/redis-server',
      '/opt/homebrew/bin/redis-server',
    ],
    packages: ['redis-server'],
  },
};

/** What is asked of the machine. */
const here = {
  exists: existsSync,
  environment: process.env,
  isDebianRoot: process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get'),
  aptGet: (args) =>
    spawnSync('apt-get', args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      encoding: 'utf8',
    }),
};

/** The path of a program, or undefined. */
function find(name, { exists, environment }) {
  const { variable, places, needs = [] } = programs[name];
  if (!needs.every((file) => exists(file))) return undefined;
  return [environment[variable], ...places].find((place) => place && exists(place));
}

/** Installs these from Debian, where that may be done; says first what. */
function install(missing, log, { isDebianRoot, aptGet }) {
  const packages = [...new Set(missing.flatMap((name) => programs[name].packages))];
  const titles = missing.map((name) => programs[name].title).join(', ');
  if (!isDebianRoot) {
    log(
      `${titles}: missing, and cannot be installed from here (that takes Debian and root): run "sudo apt-get install ` +
        `${packages.join(' ')}", or say where it is by ${missing.map((name) => programs[name].variable).join(', ')}`,
    );
    return;
  }
  log(`setting up: ${titles}: installs Debian's ${packages.join(', ')} by apt-get …`);
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const { status, stderr } = aptGet(args);
    if (status === 0) continue;
    log(`apt-get ${args.join(' ')} failed:\n${stderr}`);
    return;
  }
}

/**
 * The paths of programs by the names of their variables, '' for one that is not here. What is missing is installed where it
 * may be.
 */
export function bringPrograms(names, log, machine = here) {
  const missing = names.filter((name) => !find(name, machine));
  if (missing.length > 0) install(missing, log, machine);
  return Object.fromEntries(names.map((name) => [programs[name].variable, find(name, machine) ?? '']));
}

/** Those that are browsers, and the GPU that Firefox has none of its own for. */
export const browserNames = ['chromium', 'firefox', 'webkit', 'vulkan'];

/** The path of Chromium, or undefined: nothing is installed for it. */
export const findChromium = () => find('chromium', here);
