import type { LoadOptions, Model, Runtime } from '@atrous/graph';
import { AtrousError, messageOf } from '@atrous/tensor';
import { loadSession, type TfjsSession } from './session.ts';
import { inTurn, onBackend, type Tf } from './tf.ts';

/** A runtime on TensorFlow.js. */
export interface TfjsRuntime extends Runtime {
  load(model: Model, options?: LoadOptions): Promise<TfjsSession>;
  /** TensorFlow.js itself, its backend ready: what training is done with. */
  tf(): Promise<{ readonly tf: Tf; readonly backend: string }>;
}

export interface TfjsOptions {
  /** The app's own TensorFlow.js, so that tensors can be handed over. @default brought at the first load */
  readonly tf?: Tf;
}

export interface CreateRuntimeOptions {
  readonly tf: Tf;
  /** A backend that is registered there. @default the one that is set */
  readonly backend?: string;
}

/**
 * The app's own TensorFlow.js as a runtime.
 * @example createRuntime({ tf, backend: 'webgl' })
 */
export function createRuntime({ tf, backend }: CreateRuntimeOptions): TfjsRuntime {
  const chosen = backend ?? tf.getBackend();
  return lazyRuntime(chosen, async () => tf);
}

/** A runtime whose TensorFlow.js and backend are brought when they are first wanted. */
export function lazyRuntime(backend: string, bring: () => Promise<Tf>): TfjsRuntime {
  let opened: Promise<Tf> | undefined;
  const open = async (): Promise<Tf> => {
    const tf = await bring();
    await inTurn(async () => {
      await onBackend(tf, backend, async () => {}).catch((cause) => {
        const isUnknown = /not found in registry/.test(messageOf(cause));
        throw unavailable(backend, isUnknown ? 'backend is not registered' : messageOf(cause), cause);
      });
    });
    return tf;
  };
  const ready = () => {
    opened ??= open().catch((error) => {
      opened = undefined; // it may be there the next time
      throw error instanceof AtrousError ? error : unavailable(backend, messageOf(error), error);
    });
    return opened;
  };
  return {
    name: `tfjs:${backend}`,
    available: () =>
      ready().then(
        () => true as const,
        (error) => ({ reason: messageOf(error) }),
      ),
    load: async (model, options) => loadSession(await ready(), backend, model, options),
    tf: async () => ({ tf: await ready(), backend }),
  };
}

const unavailable = (backend: string, why: string, cause?: unknown) =>
  new AtrousError('unavailable', `TensorFlow.js' ${backend} backend: ${why}`, { cause });
