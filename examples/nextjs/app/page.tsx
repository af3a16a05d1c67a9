'use client';

import { Segmenter } from '@atrous/segmenter/worker';
import { type ChangeEvent, useEffect, useRef, useState } from 'react';

export default function Page() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const segmenter = useRef<Promise<Segmenter>>(null);
  const [status, setStatus] = useState('Choose a picture');

  useEffect(() => {
    const loading = Segmenter.load('/model/');
    segmenter.current = loading;
    return () => void loading.then((loaded) => loaded.dispose());
  }, []);

  async function show({ target }: ChangeEvent<HTMLInputElement>) {
    const [file] = target.files ?? [];
    const loaded = await segmenter.current;
    if (!file || !loaded || !canvas.current) return;
    setStatus('…');
    const people = loaded.classes.filter(({ name }) => name !== 'background').map(({ id }) => id);
    const { cutOut, timings } = await loaded.segment(file, { cutOut: people });
    const { data, width, height } = cutOut!;
    Object.assign(canvas.current, { width, height });
    canvas.current.getContext('2d')!.putImageData(new ImageData(data, width, height), 0, 0);
    setStatus(`cut out in ${timings.total.toFixed(0)} ms`);
  }

  return (
    <main>
      <input type="file" accept="image/*" onChange={show} />
      <p role="status">{status}</p>
      <canvas ref={canvas} style={{ maxWidth: '100%' }} />
    </main>
  );
}
