// What computing in 8 bits costs a model, for its config and its card; scripts/int8_loss.ts measures it.
import { count, percent } from './text.mjs';

/** What `compute: 'auto'` may cost: points of mean IoU, and the share of labels that stay. */
const most = { miou: -0.3, sameLabels: 0.99 };

const rounded = (value, digits) => Number(value.toFixed(digits));

/**
 * A config with what was measured, behind the weights that it is about.
 * @param measured as card/int8.json has it
 */
export function withLoss(config, measured) {
  const miou = rounded(100 * (measured.miou.int8 - measured.miou.float32), 2);
  const sameLabels = rounded(measured.sameLabels, 4);
  const auto = miou >= most.miou && sameLabels >= most.sameLabels;
  const { compute: _before, ...others } = config;
  return Object.fromEntries(
    Object.entries(others).flatMap(([key, value]) =>
      key === 'weights'
        ? [
            [key, value],
            ['compute', { int8: { auto, miou, sameLabels } }],
          ]
        : [[key, value]],
    ),
  );
}

/** The fact of a card. @throws where the config says something else than what was measured */
export function int8Fact({ compute, ...config }, measured) {
  if (!measured) return undefined;
  const expected = withLoss(config, measured).compute;
  if (JSON.stringify(compute) !== JSON.stringify(expected))
    throw new Error('config.json and card/int8.json differ: run scripts/int8_loss.ts');
  const { pictures, weights, miou } = measured;
  const advice = compute.int8.auto ? "`compute: 'auto'` takes it" : "`compute: 'auto'` does not take it";
  return `mean IoU ${percent(miou.int8)} against ${percent(miou.float32)} in float32 (${signed(compute.int8.miou)} points), ${(100 * compute.int8.sameLabels).toFixed(2)} % of labels the same, on ${count(pictures)} test pictures with the weights in ${weights}; ${advice}`;
}

const signed = (points) => `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(2)}`;
