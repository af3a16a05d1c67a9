import { type LabelMapFunction, type LabelMapResult, labelMap } from '@atrous/mask';

type MapLabels = (...args: Parameters<LabelMapFunction>) => Promise<LabelMapResult>;

const plain: MapLabels = async (...args) => labelMap(...args);

async function bring(): Promise<MapLabels> {
  const { labelMapper } = await import('@atrous/runtime-wasm');
  return labelMapper();
}

let bringing: Promise<MapLabels> | undefined;

/** The label map of logits in memory, for runtimes that make none: by our own engine's kernels, or by `labelMap` where these cannot be had. */
export const mapLabels: MapLabels = async (...args) => {
  bringing ??= bring().catch(() => plain);
  return (await bringing)(...args);
};
