import { type LabelMapFunction, type LabelMapResult, labelMap } from '@atrous/mask';

type MapLabels = (...args: Parameters<LabelMapFunction>) => Promise<LabelMapResult>;

let bringing: Promise<MapLabels> | undefined;

/** The label map of logits in memory, for runtimes that make none: by our own engine's kernels, or by `labelMap` where these cannot be had. */
export const mapLabels: MapLabels = async (...args) => {
  bringing ??= import('@atrous/runtime-wasm')
    .then(({ labelMapper }) => labelMapper())
    .catch(
      () =>
        async (...given) =>
          labelMap(...given),
    );
  return (await bringing)(...args);
};
