import type { Segmenter } from '@atrous/segmenter';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Places } from './places.ts';

/** What is counted of requests, in a registry of this server's own. */
export interface Metrics {
  readonly registry: Registry;
  answered(format: string, status: number, seconds: number): void;
  stage(stage: Stage, seconds: number): void;
  pixels(count: number): void;
}

/** Parts of a request's time. */
export type Stage = 'wait' | 'decode' | 'segment' | 'encode';

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function makeMetrics({ config, runtime }: Segmenter, places: Places): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'atrous_model_info',
    help: 'The model and the runtime that it runs on; always 1',
    labelNames: ['model', 'runtime'],
    registers,
  }).set({ model: config.name, runtime }, 1);
  new Gauge({
    name: 'atrous_requests_inside',
    help: 'Requests that are worked on, and that wait or are being received',
    labelNames: ['state'],
    registers,
    collect() {
      for (const [state, count] of Object.entries(places.counts())) this.set({ state }, count);
    },
  });
  const answers = new Counter({
    name: 'atrous_requests_total',
    help: 'Answered requests by format and status; 499 is a client that went away',
    labelNames: ['format', 'status'],
    registers,
  });
  const times = new Histogram({
    name: 'atrous_request_seconds',
    help: 'From a request to the end of its answer',
    labelNames: ['format'],
    buckets: seconds,
    registers,
  });
  const stages = new Histogram({
    name: 'atrous_stage_seconds',
    help: 'Parts of requests: wait for a turn, decode the picture, segment it, encode the answer',
    labelNames: ['stage'],
    buckets: seconds,
    registers,
  });
  const seen = new Counter({ name: 'atrous_pixels_total', help: 'Pixels of segmented pictures', registers });
  return {
    registry,
    answered(format, status, took) {
      answers.inc({ format, status });
      times.observe({ format }, took);
    },
    stage: (stage, took) => stages.observe({ stage }, took),
    pixels: (count) => seen.inc(count),
  };
}
