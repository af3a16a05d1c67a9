import { expect, test } from 'vitest';
import { bringPrograms, browserNames } from './programs.mjs';

/** A machine with these files, on which apt-get brings others; what was said and done, in order. */
function machine({ files = [], isDebianRoot, brings = [] }) {
  const said = [];
  const there = new Set(files);
  const aptGet = (args) => {
    said.push(`apt-get ${args.join(' ')}`);
    for (const file of args[0] === 'install' ? brings : []) there.add(file);
    return { status: 0, stderr: '' };
  };
  const exists = (file) => there.has(file);
  const bring = (names) =>
    bringPrograms(names, (line) => said.push(line), { exists, environment: {}, isDebianRoot, aptGet });
  return { bring, said };
}

test('what is installed is said first', () => {
  const { bring, said } = machine({ isDebianRoot: true, brings: ['/usr/bin/chromium'] });
  expect(bring(['chromium'])).toEqual({ ATROUS_CHROMIUM: '/usr/bin/chromium' });
  expect(said).toEqual([
    "setting up: Chromium: installs Debian's chromium by apt-get …",
    'apt-get update',
    'apt-get install -y --no-install-recommends chromium',
  ]);
});

test('what is there is not installed, and each package once', () => {
  const { bring, said } = machine({ files: ['/usr/bin/chromium'], isDebianRoot: true });
  expect(bring(browserNames)).toEqual({
    ATROUS_CHROMIUM: '/usr/bin/chromium',
    ATROUS_FIREFOX: '',
    ATROUS_WEBKIT: '',
    ATROUS_VULKAN: '',
  });
  expect(said.at(-1)).toBe(
    'apt-get install -y --no-install-recommends firefox-esr xvfb webkit2gtk-driver mesa-vulkan-drivers',
  );
  const { bring: again, said: nothing } = machine({ files: ['/usr/bin/chromium'], isDebianRoot: true });
  again(['chromium']);
  expect(nothing).toEqual([]);
});

test('without root or Debian nothing is installed, and the way is told', () => {
  const { bring, said } = machine({ isDebianRoot: false });
  expect(bring(['webkit'])).toEqual({ ATROUS_WEBKIT: '' });
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/sudo apt-get install webkit2gtk-driver xvfb.*ATROUS_WEBKIT/);
});

test('Valkey stands for Redis', () => {
  const { bring } = machine({ files: ['/usr/bin/valkey-server'], isDebianRoot: true });
  expect(bring(['redis'])).toEqual({ ATROUS_REDIS: '/usr/bin/valkey-server' });
});
