/** Multiply-adds that a thread does: enough for milliseconds, in registers alone. */
const rounds = 4096;
const registers = 16;
const threads = 64;
const workgroups = 64;

const code = `@group(0) @binding(0) var<storage, read_write> out: array<vec4f>;
@compute @workgroup_size(${threads})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let a = out[0] + vec4f(1.0);
  let b = out[1];
${Array.from({ length: registers }, (_, i) => `  var r${i} = vec4f(f32(id.x + ${i}u));`).join('\n')}
  for (var i = 0u; i < ${rounds}u; i++) {
${Array.from({ length: registers }, (_, i) => `    r${i} = r${i} * a + b;`).join('\n')}
  }
  out[id.x] = ${Array.from({ length: registers }, (_, i) => `r${i}`).join(' + ')};
}`;

/** What the adapter's arithmetic reaches where nothing is read: multiply-adds per second, the best of some runs that grow to 50 ms. */
export async function measurePeak(): Promise<number> {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter!.requestDevice();
  const module = device.createShaderModule({ code });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  let best = 0;
  for (let groups = workgroups, milliseconds = 0; milliseconds < 50 && groups < 65536; groups *= 4) {
    const buffer = device.createBuffer({ size: groups * threads * 16, usage: GPUBufferUsage.STORAGE });
    const layout = pipeline.getBindGroupLayout(0);
    const bound = device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] });
    const run = async () => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bound);
      pass.dispatchWorkgroups(groups);
      pass.end();
      const begin = performance.now();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      return performance.now() - begin;
    };
    await run();
    milliseconds = await run();
    best = Math.max(best, (groups * threads * rounds * registers * 4) / (milliseconds / 1000));
    buffer.destroy();
  }
  device.destroy();
  return best;
}
