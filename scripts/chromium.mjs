// Where Chromium is, and how it gets here.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const places = [
  process.env.ATROUS_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The path of a Chromium, or undefined. */
export function findChromium() {
  return places.find((place) => place && existsSync(place));
}

/** Installs Debian's Chromium where that may be done. */
export function installChromium(log) {
  const mayInstall =
    process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (!mayInstall) {
    log(
      'Chromium is missing and cannot be installed from here: run "sudo apt-get install chromium", or install Chrome',
    );
    return undefined;
  }
  log('setting up: Chromium by apt-get …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const { status, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8' });
    if (status !== 0) {
      log(`apt-get ${args.join(' ')} failed:\n${stderr}`);
      return undefined;
    }
  }
  return findChromium();
}
