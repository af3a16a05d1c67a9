import { messageOf } from '@atrous/tensor';
import { batch } from '@preact/signals';
import {
  type Asked,
  asked,
  type Engine,
  engine,
  type Larger,
  larger,
  loading,
  type ModelChoice,
  threads,
  wantedThreads,
} from '../state/engine.ts';
import { filming } from '../state/film.ts';
import { live } from '../state/live.ts';
import { hidden } from '../state/look.ts';
import { sayError } from '../state/messages.ts';
import { hasFirst } from '../state/pictures.ts';
import type { Settings } from '../state/settings.ts';
import { whyNotDownload } from './connection.ts';
import { load, type Progress } from './load.ts';
import { modelOfUrl, shipped } from './models.ts';
import { again, decodable, forgetMasks } from './queue.ts';
import { saving } from './save.ts';
import { until } from './until.ts';

/** Ends the choice under way. */
let current: AbortController | undefined;

export function stopLoading(): void {
  current?.abort();
}

/**
 * What the studio begins with: what was in use before a reload; else the small model, and the large one behind it where its
 * download costs nobody much.
 */
export function startEngine({ model, runtime }: Settings = {}): Promise<boolean> {
  const chosen =
    shipped.find(({ id }) => id === model) ?? (model?.includes('/') ? modelOfUrl(model) : shipped[0]);
  return chooseEngine(chosen, runtime ?? 'auto', wantedThreads(), whyNotDownload());
}

/**
 * Takes another model or runtime, and segments what is there with it; what is loaded for an earlier choice is given up.
 * What was in use stays until the new one is ready, and where it cannot be had. For a large model its small one is taken
 * first, and stays beside it.
 * @param whyNot why a large model is only to be offered, as a sentence
 * @returns whether it is in use now
 */
export async function chooseEngine(
  model: ModelChoice,
  runtime: string = asked()?.runtime ?? 'auto',
  count: number = wantedThreads(),
  whyNot?: string,
): Promise<boolean> {
  current?.abort();
  const stop = new AbortController();
  current = stop;
  const { signal } = stop;
  const wanted = { model, runtime, threads: count };
  const show = (progress: Progress) => {
    if (current === stop) loading.value = { ...wanted, ...progress };
  };
  const bring = (part: ModelChoice) => inUse({ ...wanted, model: part }) ?? load(part, wanted, signal, show);
  try {
    const first = model.small && (await bring(model.small));
    if (model.small && !first) return false;
    // nobody goes back to the small one for another runtime
    if (!first || engine.value?.model === model) return await takeWhole(first);
    const behind: Larger = { model, why: whyNot };
    await use(first, count, behind);
    return whyNot === undefined && (await follow(first, behind));
  } catch (error) {
    if (!signal.aborted) sayError(error);
    return false;
  } finally {
    if (current === stop) {
      current = undefined;
      loading.value = undefined;
    }
  }

  async function takeWhole(beside?: Engine): Promise<boolean> {
    let isTaken = false;
    try {
      const whole = await bring(model);
      if (!whole) return false;
      isTaken = true;
      await use(beside ? { ...whole, beside } : whole, count);
      return true;
    } finally {
      if (!isTaken) await release([beside]);
    }
  }

  /** The large model behind its small one: after the first mask, which would have to share the network with it. */
  async function follow(beside: Engine, mine: Larger): Promise<boolean> {
    show({ part: model, phase: 'wait', loaded: 0 });
    let why = `The download of ${model.title} was stopped.`;
    try {
      const large = (await until(() => hasFirst.value || live.value?.result, signal)) && (await bring(model));
      // what is being saved is of one model
      if (large && (await until(() => !saving.value && filming.value?.kind !== 'file', signal))) {
        await use({ ...large, beside }, count);
        return true;
      }
      if (large) await release([large]);
    } catch (error) {
      why = `${model.title} could not be loaded: ${messageOf(error)}`;
    }
    if (larger.value === mine) larger.value = { model, why };
    return false;
  }
}

/** The same model on another runtime, or with other threads. */
export async function chooseRuntime(runtime: string, count: number): Promise<void> {
  const offered = larger.value?.why ? larger.value : undefined;
  const model = asked()?.model;
  if (!model) return;
  const isInUse = await chooseEngine(model, runtime, count);
  if (isInUse && offered?.model.small === model) larger.value = offered; // nobody has chosen the small one
}

/** What is in use already: nothing is loaded twice. */
function inUse({ model, runtime, threads: count }: Asked): Engine | undefined {
  const now = engine.value;
  const isIt = (each?: Engine) => each?.model === model && each.runtime === runtime;
  return threads.value === count ? [now, now?.beside].find(isIt) : undefined;
}

const areSame = (a: Engine, b: Engine): boolean => {
  const names = ({ segmenter }: Engine) => segmenter.classes.map(({ name }) => name).join('\n');
  return names(a) === names(b);
};

/** Puts a model to use in place of another; masks stay until it has made its own where they mean the same. */
async function use(next: Engine, count: number, behind?: Larger): Promise<void> {
  const before = engine.value;
  const isFollowing = larger.value?.model === next.model;
  batch(() => {
    engine.value = next;
    larger.value = behind;
    threads.value = count;
  });
  if (next.segmenter !== before?.segmenter) {
    if (!before || !areSame(before, next)) {
      hidden.value = [];
      await forgetMasks();
    }
    // what somebody stopped is not begun again by itself
    again(decodable().flatMap(({ id, state }) => (isFollowing && state === 'stopped' ? [] : id)));
  }
  await release([before, before?.beside]);
}

/** Ends what is not in use. */
async function release(engines: readonly (Engine | undefined)[]): Promise<void> {
  const used = [engine.value?.segmenter, engine.value?.beside?.segmenter];
  const unused = engines.flatMap((each) => (each && !used.includes(each.segmenter) ? each.segmenter : []));
  await Promise.all(unused.map((segmenter) => segmenter.dispose()));
}
