import config from '@atrous/model-people-small/config.json?url';
import weights from '@atrous/model-people-small/model.int8.safetensors?url';
import { type FrameLook, Segmenter } from '@atrous/segmenter/worker';

const button = document.querySelector('button')!;
const status = document.querySelector('[role=status]')!;
const canvas = document.querySelector('canvas')!;
const call = document.querySelector('video')!;

const look: FrameLook = { mode: 'blur' };
const createWorker = () => new Worker(new URL('./segmenter_worker.ts', import.meta.url), { type: 'module' });

async function start() {
  button.disabled = true;
  status.textContent = 'Loading …';
  const camera = document.createElement('video');
  camera.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  const [segmenter] = await Promise.all([
    Segmenter.load({ 'config.json': config, 'model.int8.safetensors': weights }, { createWorker }),
    camera.play(),
  ]);

  for (let frames = 1; ; frames++) {
    const { milliseconds } = await segmenter.render(camera, canvas, look, { smoothing: 0.5 });
    status.textContent = `frame ${frames}, ${milliseconds.toFixed(0)} ms on ${segmenter.runtime}`;
    call.srcObject ??= canvas.captureStream(); // what the other side of a call would get
    await new Promise((resolve) => camera.requestVideoFrameCallback(resolve));
  }
}

button.addEventListener('click', () => start().catch((error) => (status.textContent = String(error))));
