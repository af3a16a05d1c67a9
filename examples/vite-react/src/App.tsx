import { overlay, paletteOf } from '@atrous/mask';
import config from '@atrous/model-people-small/config.json?url';
import weights from '@atrous/model-people-small/model.int8.safetensors?url';
import { Segmenter } from '@atrous/segmenter/worker';
import { type ChangeEvent, useRef, useState } from 'react';

const loading = Segmenter.load({ 'config.json': config, 'model.int8.safetensors': weights });

export function App() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [status, setStatus] = useState('Choose a picture');

  async function show({ target }: ChangeEvent<HTMLInputElement>) {
    const [file] = target.files ?? [];
    if (!file || !canvas.current) return;
    const bitmap = await createImageBitmap(file);
    const { width, height } = Object.assign(canvas.current, { width: bitmap.width, height: bitmap.height });
    const context = canvas.current.getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    setStatus('…');

    const picture = context.getImageData(0, 0, width, height);
    const segmenter = await loading;
    const { labels, classes, shares, timings } = await segmenter.segment(picture);

    const shown = overlay(picture, labels, paletteOf(classes), { outline: true });
    context.putImageData(new ImageData(new Uint8ClampedArray(shown.data), width, height), 0, 0);
    const seen = classes.filter(({ id }) => shares[id] > 0.01).map(({ name }) => name);
    setStatus(`${seen.join(', ')} in ${timings.total.toFixed(0)} ms`);
  }

  return (
    <main>
      <input type="file" accept="image/*" onChange={show} />
      <p role="status">{status}</p>
      <canvas ref={canvas} style={{ maxWidth: '100%' }} />
    </main>
  );
}
