import { clip } from '../brief.ts';
import type { Fail } from '../fail.ts';
import { PickleRecord } from '../pickle/values.ts';
import { isScriptModule } from './globals.ts';
import { TorchTensor, UnreadableTensor } from './tensors.ts';

/** What a checkpoint holds, by name. */
export interface StateDict {
  readonly tensors: ReadonlyMap<string, TorchTensor | UnreadableTensor>;
  /** Numbers, flags and texts, as text. */
  readonly metadata: Readonly<Record<string, string>>;
}

const deepest = 64;
/** One that lies under many names counts each time: a few bytes of a pickle can make billions of names. */
const mostTensors = 100_000;
const mostValues = 2_000_000;
const mostMetadata = 1000;

/**
 * Finds the tensors of a checkpoint wherever they lie. Names of nested dictionaries, of attributes and places in lists
 * are joined by dots: `state_dict.encoder.conv1.weight`, `optimizer.state.0.exp_avg`. Scalars under text keys
 * (`epoch`, `args.lr`) are metadata, the first 1000 of them; those of lists and everything else are left out.
 */
export function findTensors(root: unknown, fail: Fail): StateDict {
  const tensors = new Map<string, TorchTensor | UnreadableTensor>();
  const metadata = new Map<string, string>();
  const barren = new Set<unknown>(); // containers that give nothing, wherever else they lie
  let values = 0;

  /** Gives whether there was something in it. */
  const visit = (value: unknown, name: string, depth: number, keepsScalars: boolean): boolean => {
    if (++values > mostValues) fail(`it holds more than ${mostValues} values`);
    if (depth > deepest) fail(`it is nested deeper than ${deepest} levels`);
    if (value instanceof TorchTensor || value instanceof UnreadableTensor) {
      if (tensors.has(name)) fail(`two tensors are named ${clip(name)}`);
      tensors.set(name, value);
      if (tensors.size > mostTensors) fail(`it holds more than ${mostTensors} tensors`);
      return true;
    }
    const contents = contentsOf(value);
    if (!contents) return keepsScalars && keepScalar(name, value);
    if (barren.has(value)) return false;
    const keepsTheirs = keepsScalars && contents.keepsScalars;
    let found = false;
    for (const [key, item] of contents.items) {
      if (typeof key !== 'string' && typeof key !== 'number') continue;
      const itemName = depth === 0 ? String(key) : `${name}.${key}`;
      found = visit(item, itemName, depth + 1, keepsTheirs) || found;
    }
    if (!found) barren.add(value);
    return found;
  };
  const keepScalar = (name: string, value: unknown): boolean => {
    const text = metadata.size < mostMetadata ? scalarText(value) : undefined;
    if (text !== undefined) metadata.set(name, text);
    return text !== undefined;
  };

  if (root instanceof TorchTensor || root instanceof UnreadableTensor)
    fail(
      'it holds one tensor without a name, expected a dictionary of weights: torch.save(model.state_dict(), path)',
    );
  visit(root, '', 0, true);
  if (tensors.size === 0) fail('it holds no tensors, expected a dictionary of weights by name');
  return { tensors, metadata: Object.fromEntries(metadata) };
}

/** What lies in a dictionary, an object or a list; undefined for other values. */
function contentsOf(
  value: unknown,
): { items: Iterable<[key: unknown, item: unknown]>; keepsScalars: boolean } | undefined {
  if (value instanceof Map) return { items: value, keepsScalars: true };
  if (value instanceof PickleRecord)
    return { items: value.fields, keepsScalars: !isScriptModule(value.name) };
  return Array.isArray(value) ? { items: value.entries(), keepsScalars: false } : undefined;
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return clip(value, 1000);
  const isScalar = typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
  return isScalar ? String(value) : undefined;
}
