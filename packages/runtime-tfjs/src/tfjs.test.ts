import { conformance } from '@atrous/conformance';
import { tfjsCpu } from './cpu.ts';
import { tfjsWasm } from './wasm_node.ts';

for (const runtime of [tfjsCpu(), tfjsWasm()]) conformance(runtime);
