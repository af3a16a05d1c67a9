import { useEffect } from 'preact/hooks';
import { describeNetwork, features, forgetFeatures, network, showFeatures } from '../engine/network.ts';
import { engine } from '../state/engine.ts';
import { shown } from '../state/live.ts';
import type { Block } from '../worker/network.ts';
import { Bitmap } from './Bitmap.tsx';
import { percent, short } from './format.ts';

/** The network as a column of blocks, and what the chosen one makes of the picture. */
export function Network() {
  const { id, size } = shown.value ?? {};
  const { width, height } = size ?? { width: 512, height: 512 };
  const own = engine.value;
  useEffect(() => {
    if (own) describeNetwork({ width, height });
  }, [own, width, height]);
  useEffect(() => forgetFeatures, [own, id]); // the maps are of one network and one picture
  if (!network.value) return <p class="hint">No model yet.</p>;
  const { input, blocks } = network.value;
  const total = blocks.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0);
  const parameters = blocks.reduce((sum, block) => sum + block.parameters, 0);
  const most = Math.max(...blocks.map(({ multiplyAdds }) => multiplyAdds));
  return (
    <div class="network">
      <div class="column">
        <p class="hint">
          {`${own?.segmenter.config.name}: input ${input.width} × ${input.height} pixels, ${short(total)} multiply-adds, ${short(parameters)} parameters. A block shows its feature maps.`}
        </p>
        <ol class="blocks">
          {blocks.map((block) => (
            <li key={block.name}>
              <BlockButton block={block} share={block.multiplyAdds / total} of={block.multiplyAdds / most} />
            </li>
          ))}
        </ol>
      </div>
      <FeatureViewer />
    </div>
  );
}

function BlockButton({ block, share, of }: { block: Block; share: number; of: number }) {
  const { name, kinds, shape, multiplyAdds, parameters, receptiveField } = block;
  const field = Number.isFinite(receptiveField) ? `${receptiveField} px` : 'all';
  return (
    <button
      type="button"
      class="block"
      aria-pressed={features.value?.block.name === name}
      onClick={() => showFeatures(block)}
    >
      <b>{name}</b>
      <small>{kinds}</small>
      <span class="facts">
        <span title="Height × width × channels">{shape.join('×')}</span>
        <span title="Multiply-adds">{`${short(multiplyAdds)} MACs · ${percent(share)}`}</span>
        <span title="Parameters">{`${short(parameters)} params`}</span>
        <span title="Receptive field: how far apart two pixels of the input may be that reach one element">
          sees {field}
        </span>
      </span>
      <meter class="bar" min={0} max={1} value={of} aria-label="Share of the largest block's cost" />
    </button>
  );
}

function FeatureViewer() {
  if (!features.value) return null;
  const { block, tiles } = features.value;
  return (
    <figure class="features" aria-live="polite">
      {tiles ? (
        <Bitmap bitmap={tiles.bitmap} label={`Feature maps of ${block.name}`} />
      ) : (
        <p>Running the network …</p>
      )}
      <figcaption>
        <b>{block.name}</b>{' '}
        {tiles &&
          `${tiles.shown} of ${tiles.channels} channels, each from its lowest to its highest value; all together ${tiles.range[0].toPrecision(3)} to ${tiles.range[1].toPrecision(3)}`}
      </figcaption>
    </figure>
  );
}
