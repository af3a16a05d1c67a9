/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
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
 * The folder of test data that may lie beside the checkout (pictures and labels that are not ours to ship), or
 * null: tests that need it skip then, and say so.
 */
export const sharedFolder: string | null =
  [process.env.ATROUS_SHARED && `file://${process.env.ATROUS_SHARED}`, '../../../../shared']
    .filter((folder) => folder !== undefined)
    .map((folder) => fileURLToPath(new URL(`${folder}/`, import.meta.url)))
    .find((folder) => existsSync(`${folder}data`)) ?? null;
