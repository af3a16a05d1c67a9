import type { EncoderGoldenName, Golden, GoldenName } from './golden.ts';

export * from './exports.ts';

export async function loadGolden(name: GoldenName | EncoderGoldenName): Promise<Golden> {
  const response = await fetch(new URL(`../files/${name}.json`, import.meta.url));
  if (!response.ok) throw new Error(`golden ${name}: ${response.status}`);
  return response.json();
}
