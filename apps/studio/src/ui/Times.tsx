import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { live, rate } from '../state/live.ts';
import { type Stage, stages, times } from '../state/times.ts';
import { milliseconds } from './format.ts';

const names = Object.keys(stages) as Stage[];
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Milliseconds by stage of the last masks: bars, and the same in numbers. */
export function Times() {
  const table = useRef<HTMLTableElement>(null);
  const all = times.value;
  const last = all.at(-1);
  const { opened, closed, skipped } = rate.value;
  if (!last) return <p class="hint">No mask yet.</p>;
  return (
    <div class="times">
      <Chart swatches={table} />
      <table ref={table}>
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">last</th>
            <th scope="col">median of {all.length}</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <th scope="row">
                <span class={`swatch stage-${name}`} /> {stages[name]}
              </th>
              <td>{milliseconds(last[name])}</td>
              <td>{milliseconds(median(all.map((each) => each[name])))}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">Together</th>
            <td>{milliseconds(sum(names.map((name) => last[name])))}</td>
            <td>{milliseconds(median(all.map((each) => sum(names.map((name) => each[name])))))}</td>
          </tr>
        </tbody>
      </table>
      {(live.value || opened > 0) && (
        <p class="hint frames">
          Frames: <b>{opened}</b> opened, <b>{closed}</b> closed, <b>{skipped}</b> skipped for newer ones
        </p>
      )}
    </div>
  );
}

/** A bar per mask, the newest on the right. */
function Chart({ swatches }: { swatches: RefObject<HTMLElement | null> }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const all = times.value;
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const colors = names.map(
      (name) => getComputedStyle(swatches.current!.querySelector(`.stage-${name}`)!).backgroundColor,
    );
    const { width, height } = element;
    context.clearRect(0, 0, width, height);
    const most = Math.max(...all.map((each) => sum(names.map((name) => each[name]))), 1);
    const bar = width / 90;
    all.forEach((each, i) => {
      const x = width - (all.length - i) * bar;
      let y = height;
      names.forEach((name, stage) => {
        const length = (each[name] / most) * (height - 18);
        context.fillStyle = colors[stage];
        context.fillRect(x, y - length, bar - 2, length);
        y -= length;
      });
    });
    context.fillStyle = getComputedStyle(element).color;
    context.font = '20px system-ui';
    context.fillText(milliseconds(most), 4, 18);
  }, [all, swatches]);
  return (
    <canvas
      ref={canvas}
      class="chart"
      width={1080}
      height={240}
      role="img"
      aria-label="Milliseconds of the last masks, by stage; the table has the numbers"
    />
  );
}
