/// <reference types="node" />
import { copyFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EncoderGoldenName, Golden, GoldenName } from './golden.ts';

export * from './exports.ts';

export async function loadGolden(name: GoldenName | EncoderGoldenName): Promise<Golden> {
  return JSON.parse(readFileSync(goldenFile(`${name}.json`), 'utf8'));
}

/** The path of a golden file. */
export function goldenFile(name: string): string {
  return fileURLToPath(new URL(`../files/${name}`, import.meta.url));
}

/**
 * The model `quarter` for pictures of 64×64: a trained network that takes a few milliseconds, for tests of what stands around one. A new
 * folder, which the caller removes.
 */
export function tinyModel(): string {
  const quarter = fileURLToPath(new URL('../models/quarter/', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'atrous-tiny-'));
  const config = JSON.parse(readFileSync(join(quarter, 'config.json'), 'utf8'));
  config.preprocess.size = { mode: 'fixed', height: 64, width: 64 };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  for (const { file } of config.weights.files) copyFileSync(join(quarter, file), join(folder, file));
  return folder;
}

/**
 * The folder of test data that may lie beside the checkout (pictures and labels that are not ours to ship), or
 * null: tests that need it skip then, and say so.
 */
export const sharedFolder: string | null =
  [process.env.ATROUS_SHARED && `file://${process.env.ATROUS_SHARED}`, '../../../../shared']
    .filter((folder) => folder !== undefined)
    .map((folder) => fileURLToPath(new URL(`${folder}/`, import.meta.url)))
    .find((folder) => existsSync(`${folder}data`)) ?? null;
