import { shown } from '../state/live.ts';
import { isFit, view } from '../state/stage.ts';
import { showAll, showPixels, zoomBy } from './gestures.ts';
import { Icon } from './Icon.tsx';

const keys = [
  ['Wheel, pinch, + and −', 'zoom'],
  ['Drag, arrows', 'move'],
  ['0', 'show all'],
  ['1', 'pixel for pixel'],
  ['Shift and arrows', 'class and confidence of a pixel'],
  ['Ctrl+V', 'paste a picture'],
] as const;

export function ZoomBar() {
  const size = shown.value?.size;
  if (!size || !view.value) return null;
  return (
    <fieldset class="bar-group" aria-label="Zoom">
      <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => zoomBy(0.8)}>
        <Icon name="minus" />
      </button>
      <button
        type="button"
        class="wide"
        title="Pixel for pixel (1)"
        aria-label={`${Math.round(view.value.scale * 100)} %: pixel for pixel`}
        onClick={showPixels}
      >
        {Math.round(view.value.scale * 100)} %
      </button>
      <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => zoomBy(1.25)}>
        <Icon name="plus" />
      </button>
      <button type="button" aria-label="Fit" title="Fit (0)" disabled={isFit.value} onClick={showAll}>
        <Icon name="fit" />
      </button>
      <span class="size" title="Width × height, in pixels">{`${size.width} × ${size.height}`}</span>
      <button type="button" aria-label="Keys" title="Keys" popovertarget="keys">
        <Icon name="help" />
      </button>
      <div id="keys" popover="auto" class="keys">
        <h2>Keys, while the picture has the focus</h2>
        <dl>
          {keys.map(([key, what]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </div>
    </fieldset>
  );
}
