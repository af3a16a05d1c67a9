'use client';

import { Segmenter } from '@atrous/segmenter/worker';
import { type ChangeEvent, useEffect, useRef, useState } from 'react';

export default function Page() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [segmenter, setSegmenter] = useState<Segmenter>();
  const [status, setStatus] = useState('Loading …');

  useEffect(() => {
    const loading = Segmenter.load('/model/');
    loading.then(
      (loaded) => {
        setSegmenter(loaded);
        setStatus('Choose a picture');
      },
      (error) => setStatus(String(error)),
    );
    return () => void loading.then((loaded) => loaded.dispose());
  }, []);

  async function show({ target }: ChangeEvent<HTMLInputElement>) {
    const [file] = target.files ?? [];
    if (!file || !segmenter || !canvas.current) return;
    setStatus('…');
    const people = segmenter.classes.filter(({ name }) => name !== 'background').map(({ id }) => id);
    const { cutOut, timings } = await segmenter.segment(file, { cutOut: people });
    const { data, width, height } = cutOut!;
    Object.assign(canvas.current, { width, height });
    canvas.current.getContext('2d')!.putImageData(new ImageData(data, width, height), 0, 0);
    setStatus(`cut out in ${timings.total.toFixed(0)} ms`);
  }

  return (
    <main>
      <input type="file" accept="image/*" disabled={!segmenter} onChange={show} />
      <p role="status">{status}</p>
      <canvas ref={canvas} style={{ maxWidth: '100%' }} />
    </main>
  );
}
