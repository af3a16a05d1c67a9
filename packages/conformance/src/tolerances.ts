/** How far each runtime may be from the reference, relative to its largest value. */
export const tolerances: Readonly<Record<string, number>> = {
  reference: 0,
  'onnx:native': 1e-5,
  'onnx:wasm': 1e-5,
  'onnx:webgpu': 1e-4,
  wasm: 1e-5,
  webgpu: 1e-5,
  'tfjs:cpu': 1e-5,
  'tfjs:wasm': 1e-5,
  'tfjs:webgl': 1e-3,
  'tfjs:webgpu': 1e-3,
};

/** What a runtime cannot do, and why: runtime, then the beginning of a geometry's name. */
export const skips: Readonly<Record<string, Readonly<Record<string, string>>>> = {};

/** Why a geometry is left out for a runtime; undefined where it is not. */
export function skipReason(runtime: string, geometry: string): string | undefined {
  return Object.entries(skips[runtime] ?? {}).find(([begin]) => geometry.startsWith(begin))?.[1];
}
