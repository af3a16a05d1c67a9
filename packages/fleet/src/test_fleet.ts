import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode } from 'fast-png';

/** A picture that no other number has. */
export function png(seed: number, width = 40, height = 30): Uint8Array {
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => Math.imul(i + seed * 7919, 0x9e3779b1) >>> 24,
  );
  return encode({ width, height, data, channels: 3 });
}

/** Pictures `0000.png` to as many as there are, a hundred in a folder. */
export async function writePictures(folder: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const place = join(folder, `${Math.floor(i / 100)}`);
    if (i % 100 === 0) await mkdir(place, { recursive: true });
    await writeFile(join(place, `${String(i).padStart(4, '0')}.png`), png(i));
  }
}

/** The files below a folder, by their paths there. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

/** A worker as a process of its own, which prints a line when it takes pictures. */
export function spawnWorker(queue: string, model: string, more: NodeJS.ProcessEnv = {}): ChildProcess {
  const script = fileURLToPath(new URL('./test_worker.ts', import.meta.url));
  return spawn(process.execPath, ['--conditions=@atrous/source', script, queue, model], {
    // compiled once: most of the life of a worker that is killed soon is its start
    env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: join(tmpdir(), 'atrous-compiled'), ...more },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
