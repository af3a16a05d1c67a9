import type { Plan } from './plan.ts';
import type { DepthwisePart, ProductPart, Step, View } from './step.ts';

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;
const size = ({ batch, height, width, channels }: View): string => [batch, height, width, channels].join('×');

const windowText = ({ window: { kernel, rate, stride } }: DepthwisePart): string =>
  `depthwise ${kernel.join('×')} rate ${rate.join('×')} stride ${stride.join('×')}`;

const bits = ({ int8 }: ProductPart): string => (int8 ? ' in 8 bits' : '');

/** What is fused into a step, in words. */
function fusion(step: Step): string {
  const parts: string[] = [];
  if (step.kind === 'matmul') {
    if (step.depthwise?.rectify) parts.push('ReLU on load');
    if (step.depthwise) {
      parts.push(windowText(step.depthwise));
      if (step.depthwise.activation !== 'none') parts.push(step.depthwise.activation);
    }
    if (step.source === 'patches') parts.push('patches');
    const one = `${step.k}×${step.panels * 8} product`;
    parts.push(
      step.source === 'winograd'
        ? `16 ${one}s of tiles of 2×2 pixels (Winograd) by bands of ${step.band} tiles`
        : `${one}${bits(step)} by bands of ${step.band} pixels`,
    );
    if (step.residual) parts.push('add');
  } else if (step.kind === 'depthwise' && step.pointwise) {
    const { k, panels, rows, activation } = step.pointwise;
    parts.push(`${k}×${panels * 8} product${bits(step.pointwise)}`);
    if (activation !== 'none') parts.push(activation);
    parts.push(`${windowText(step.depthwise)} by bands of ${rows} rows`);
    if (step.depthwise.activation !== 'none') parts.push(step.depthwise.activation);
  } else {
    parts.push(step.kind.replaceAll('_', ' '));
  }
  if ('activation' in step && step.activation !== 'none') parts.push(step.activation);
  return parts.join(', ');
}

/** A plan as text: one line per step, and what it needs in all. */
export function describePlan({ steps, forms, arenaBytes, memoryBytes, scratch }: Plan): string {
  const lines = steps.map((step, i) => {
    const bytes = step.output.batch * step.output.height * step.output.width * step.output.stride;
    const work = step.multiplyAdds ? `${(step.multiplyAdds / 1e6).toFixed(1)} M multiply-adds` : '';
    const cells = [`${i + 1}`, step.name, fusion(step), `→ ${size(step.output)}`, megabytes(bytes), work];
    return cells.filter(Boolean).join('  ');
  });
  const weights = memoryBytes - arenaBytes;
  const products = steps.flatMap((step): ProductPart[] =>
    step.kind === 'matmul' ? [step] : step.kind === 'depthwise' && step.pointwise ? [step.pointwise] : [],
  );
  const taken = [
    ...(products.some(({ int8 }) => !int8) ? [`products in float32 in the ${forms.float32} form`] : []),
    ...(products.some(({ int8 }) => int8) ? [`products in 8 bits in the ${forms.int8} form`] : []),
  ];
  return [
    ...lines,
    ...(taken.length > 0 ? [taken.join(', ')] : []),
    `weights ${megabytes(weights)}, values at most ${megabytes(arenaBytes)} at once, bands ${megabytes(scratch.bytesPerThread)} per thread, ${megabytes(memoryBytes)} in all`,
  ].join('\n');
}
