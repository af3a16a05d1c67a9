import type { DeviceTensor, Feeds } from './device_tensor.ts';
import { AtrousError } from './error.ts';
import { describeSpec, fits, type Port, sizeOf, type Tensor } from './tensor.ts';

export type Ports = Readonly<Record<string, Port>>;
export type Tensors = Readonly<Record<string, Tensor>>;

export interface RunOptions {
  /** Looked at between steps; the run rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A network, ready to run. What `run` gives back is the caller's: copies, never views of a runtime's memory. */
export interface Session {
  readonly inputs: Ports;
  readonly outputs: Ports;
  run(feeds: Tensors, options?: RunOptions): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

/** A session that leaves results where they were computed. */
export interface DeviceSession extends Session {
  /**
   * As `run`, but results stay on the device, and feeds may lie there. Those of the same device are not read back; those of another are.
   * @returns values that the caller disposes of
   */
  runOnDevice(feeds: Feeds, options?: RunOptions): Promise<Record<string, DeviceTensor>>;
}

/**
 * Checks feeds against the ports of a session.
 * @throws AtrousError `input` for a missing or unknown feed, `shape` for one that does not fit or is empty.
 */
export function checkFeeds(inputs: Ports, feeds: Feeds): void {
  const names = Object.keys(inputs).join(', ');
  for (const name of Object.keys(feeds)) {
    if (!Object.hasOwn(inputs, name)) {
      throw new AtrousError('input', `unknown feed "${name}": the network takes ${names}`);
    }
  }
  for (const [name, port] of Object.entries(inputs)) {
    const given = Object.hasOwn(feeds, name) ? feeds[name] : undefined;
    if (!given) throw new AtrousError('input', `feed "${name}" is missing: the network takes ${names}`);
    const feed = 'spec' in given ? given.spec : given;
    if (!fits(feed, port)) {
      throw new AtrousError(
        'shape',
        `feed "${name}": expected ${describeSpec(port)}, got ${describeSpec(feed)}`,
      );
    }
    if (sizeOf(feed.shape) === 0) {
      throw new AtrousError('shape', `feed "${name}": ${describeSpec(feed)} is empty`);
    }
    if ('data' in given && given.data.length !== sizeOf(feed.shape)) {
      throw new AtrousError(
        'shape',
        `feed "${name}": ${describeSpec(feed)} holds ${given.data.length} elements`,
      );
    }
  }
}
