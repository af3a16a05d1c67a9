/** A compute shader whose sizes are parameters: one pipeline serves pictures of any size. */
export interface Kernel<P extends string = string> {
  /** Equal keys are equal shaders: what pipelines are shared by. */
  readonly key: string;
  /** WGSL for devices with subgroups or without. */
  code(subgroups: boolean): string;
  /** Whole numbers, in the order in which they lie in the uniform. */
  readonly params: readonly P[];
}

interface Source<P extends string> {
  readonly key: string;
  readonly params: readonly P[];
  /** Storage that is read, in the order of bindings: name and WGSL type of an element. */
  readonly reads: Readonly<Record<string, 'f32' | 'vec4f' | 'i32' | 'u32'>>;
  /** Storage that is written, after it. */
  readonly writes: Readonly<Record<string, 'f32' | 'vec4f' | 'u32'>>;
  readonly workgroup: readonly [number, number, number];
  /** Functions and workgroup memory. */
  readonly declarations?: string;
  /** Of `main`, which sees `p` (the parameters), `id`, `group`, `groups` and `local`; a function where it uses subgroups, and then `lane`. */
  readonly body: string | ((subgroups: boolean) => string);
}

/** What the whole subgroup agreed on, as by `subgroupAny`, is no uniform value to the compiler. */
const subgroupLines = 'enable subgroups;\ndiagnostic(off, subgroup_uniformity);\n';

/** Binding 0 is the uniform, then what is read, then what is written. */
export function kernel<const P extends string>(source: Source<P>): Kernel<P> {
  const { key, params, reads, writes, workgroup, declarations = '', body } = source;
  const storage = [
    ...Object.entries(reads).map(([name, type]) => `var<storage, read> ${name}: array<${type}>;`),
    ...Object.entries(writes).map(([name, type]) => `var<storage, read_write> ${name}: array<${type}>;`),
  ];
  const code = (subgroups: boolean) => {
    const uses = subgroups && typeof body === 'function';
    return `${uses ? subgroupLines : ''}struct Params { ${params.map((name) => `${name}: i32,`).join(' ')} }
@group(0) @binding(0) var<uniform> p: Params;
${storage.map((line, i) => `@group(0) @binding(${i + 1}) ${line}`).join('\n')}
${declarations}
@compute @workgroup_size(${workgroup.join(', ')})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) local: vec3u${uses ? ', @builtin(subgroup_invocation_id) lane: u32' : ''}) {
${typeof body === 'function' ? body(subgroups) : body}
}`;
  };
  return { key, code, params };
}

/** Workgroups along an axis may be no more than this many. */
export const mostGroups = 65535;

/** Workgroups of work in one row, folded into two axes: shaders see `group.y + group.z * groups.y`. */
export function foldGroups(count: number): readonly [number, number] {
  const y = Math.min(count, mostGroups);
  return [y, Math.ceil(count / y)];
}
/** The index along folded axes, in WGSL. */
export const foldedGroup = 'i32(group.y + group.z * groups.y)';

export const groupsFor = (extent: number, size: number): number => Math.ceil(extent / size);

/** Repeats a line of WGSL for 0 … count − 1. */
export const repeat = (count: number, line: (i: number) => string, separator = '\n'): string =>
  Array.from({ length: count }, (_, i) => line(i)).join(separator);

/** A number as whole numbers hold it in parameters: its bits. */
export const bitsOf = (value: number): number => new Int32Array(Float32Array.of(value).buffer)[0];
