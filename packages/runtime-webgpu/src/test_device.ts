import { existsSync } from 'node:fs';

const icd = '/usr/lib/chromium/vk_swiftshader_icd.json';

/**
 * Points Dawn at Chromium's software adapter where nothing else is chosen: the same numbers on every machine, with a GPU or without.
 * @returns why there is no WebGPU here; undefined where there is
 */
export async function withoutDawn(): Promise<string | undefined> {
  const isChosen = process.env.VK_ICD_FILENAMES !== undefined;
  if (!isChosen && !existsSync(icd)) return `no software adapter: ${icd} is not there`;
  process.env.VK_ICD_FILENAMES ??= icd;
  const found = await import('webgpu').then(
    () => undefined,
    (error: Error) => `the package webgpu does not load: ${error.message}`,
  );
  return found;
}

let gpu: GPU | undefined;

/** A device of a test's own. @param features those of sessions' own devices by default */
export async function openDevice(features: readonly GPUFeatureName[] = ['subgroups']): Promise<GPUDevice> {
  const { create } = await import('webgpu');
  gpu ??= create([]);
  const adapter = await gpu.requestAdapter();
  return adapter!.requestDevice({ requiredFeatures: [...features] });
}
