import config from '@atrous/model-people-small/config.json?url';
import weights from '@atrous/model-people-small/model.int8.safetensors?url';
import { type Segmentation, Segmenter } from '@atrous/segmenter/worker';

const button = document.querySelector('button')!;
const status = document.querySelector('[role=status]')!;
const canvas = document.querySelector('canvas')!;
const context = canvas.getContext('2d')!;

/** Alpha 255 where there is a person; drawn first; the frame drawn into it keeps the person. */
const mask = new OffscreenCanvas(1, 1);
const person = new OffscreenCanvas(1, 1);

async function start() {
  button.disabled = true;
  status.textContent = 'Loading …';
  const video = document.createElement('video');
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  const [segmenter] = await Promise.all([
    Segmenter.load({ 'config.json': config, 'model.int8.safetensors': weights }),
    video.play(),
  ]);
  const background = segmenter.classes.find(({ name }) => name === 'background')!;

  let frames = 0;
  for await (const { frame, labels, timings } of segmenter.stream(video, { smoothing: 0.5 })) {
    draw(frame, labels, background.id);
    status.textContent = `frame ${++frames}, ${timings.total.toFixed(0)} ms`;
  }
}

function draw(frame: CanvasImageSource, { width, height, data }: Segmentation['labels'], background: number) {
  for (const one of [canvas, mask, person])
    if (one.width !== width || one.height !== height) Object.assign(one, { width, height });

  const alpha = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) alpha.data[4 * i + 3] = data[i] === background ? 0 : 255;
  mask.getContext('2d')!.putImageData(alpha, 0, 0);

  const front = person.getContext('2d')!;
  front.globalCompositeOperation = 'copy';
  front.filter = 'blur(2px)'; // soft edges
  front.drawImage(mask, 0, 0);
  front.filter = 'none';
  front.globalCompositeOperation = 'source-in';
  front.drawImage(frame, 0, 0);

  context.filter = 'blur(12px)';
  context.drawImage(frame, 0, 0);
  context.filter = 'none';
  context.drawImage(person, 0, 0);
}

button.addEventListener('click', () => start().catch((error) => (status.textContent = String(error))));
