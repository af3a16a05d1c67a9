export type { Float32Form, Int8Form } from './forms.ts';
export { labelMapper } from './label_mapper.ts';
export type { Build } from './modules.ts';
export type { ThreadWorker } from './pool.ts';
export type { WasmOptions, WasmRuntime } from './runtime.ts';
export type { StepTime, WasmRunOptions, WasmSession } from './session.ts';
