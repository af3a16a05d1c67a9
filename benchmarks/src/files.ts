import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeSafetensors } from '@atrous/checkpoint';
import { writePieces } from '@atrous/checkpoint/node';
import { encodeOnnx } from '@atrous/runtime-onnx';
import { modelOf, networks } from './networks.ts';

/** Writes each network as the files that its users would have: weights of ours, and ONNX with and without batch norms. */
export async function writeFiles(folder: string): Promise<void> {
  for (const [name, { folder: own }] of Object.entries(networks)) {
    const model = modelOf(name);
    const at = join(folder, own);
    await mkdir(at, { recursive: true });
    await writePieces(join(at, 'model.safetensors'), encodeSafetensors(model.weights));
    await writePieces(join(at, 'folded.onnx'), encodeOnnx(model));
    await writePieces(join(at, 'unfolded.onnx'), encodeOnnx(model, { foldBatchNorm: false }));
  }
}
