import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { browserWeights } from '../src/browser_weights.ts';

const resolve = createRequire(import.meta.url).resolve;

/**
 * What a browser takes of a model's package: the weights, and after them the config that asks for them.
 * @param name of the package without `@atrous/model-`
 * @returns URL below the base → file of the package
 */
export function modelFiles(name: string): Readonly<Record<string, string>> {
  const of = (file: string) => `@atrous/model-${name}/${file}`;
  const { weights } = JSON.parse(readFileSync(resolve(of('config.json')), 'utf8'));
  const files = [browserWeights(weights).file, 'config.json'];
  return Object.fromEntries(files.map((file) => [`models/${name}/${file}`, of(file)]));
}
