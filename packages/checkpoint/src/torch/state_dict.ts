import { clip } from '../brief.ts';
import { type Fail, PickleRecord } from '../pickle/values.ts';
import { isScriptModule } from './globals.ts';
import { TorchTensor, UnreadableTensor } from './tensors.ts';

/** What a checkpoint holds, by name. */
export interface StateDict {
  readonly tensors: ReadonlyMap<string, TorchTensor | UnreadableTensor>;
  /** Numbers, flags and texts, as text. */
  readonly metadata: Readonly<Record<string, string>>;
}

const deepest = 64;
/** Of containers and values in them: one container under many names counts each time. */
const mostValues = 2_000_000;
const mostTensors = 200_000;
const mostMetadata = 1000;

/**
 * Finds the tensors of a checkpoint wherever they lie. Names of nested dictionaries, of attributes and places in lists
 * are joined by dots: `state_dict.encoder.conv1.weight`, `optimizer.state.0.exp_avg`. Scalars under text keys
 * (`epoch`, `args.lr`) are metadata, the first 1000 of them; those of lists and everything else are left out.
 */
export function findTensors(root: unknown, fail: Fail): StateDict {
  const tensors = new Map<string, TorchTensor | UnreadableTensor>();
  const metadata = new Map<string, string>();
  let values = 0;

  const visit = (value: unknown, path: readonly string[], keepsScalars: boolean): void => {
    if (++values > mostValues) fail(`it holds more than ${mostValues} values`);
    if (path.length > deepest) fail(`it is nested deeper than ${deepest} levels`);
    if (value instanceof TorchTensor || value instanceof UnreadableTensor) {
      const name = path.join('.');
      if (tensors.has(name)) fail(`two tensors are named ${clip(name)}`);
      tensors.set(name, value);
      if (tensors.size > mostTensors) fail(`it holds more than ${mostTensors} tensors`);
    } else if (value instanceof Map) {
      visitEntries(value, path, keepsScalars);
    } else if (value instanceof PickleRecord) {
      visitEntries(value.fields, path, keepsScalars && !isScriptModule(value.name));
    } else if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) visit(value[i], [...path, String(i)], false);
    } else if (keepsScalars && metadata.size < mostMetadata) {
      const text = scalarText(value);
      if (text !== undefined) metadata.set(path.join('.'), text);
    }
  };
  const visitEntries = (
    entries: ReadonlyMap<unknown, unknown>,
    path: readonly string[],
    keepsScalars: boolean,
  ) => {
    for (const [key, value] of entries) {
      if (typeof key === 'string' || typeof key === 'number')
        visit(value, [...path, String(key)], keepsScalars);
    }
  };

  if (root instanceof TorchTensor || root instanceof UnreadableTensor)
    fail(
      'it holds one tensor without a name, expected a dictionary of weights: torch.save(model.state_dict(), path)',
    );
  visit(root, [], true);
  if (tensors.size === 0) fail('it holds no tensors, expected a dictionary of weights by name');
  return { tensors, metadata: Object.fromEntries(metadata) };
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return clip(value, 1000);
  const isScalar = typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
  return isScalar ? String(value) : undefined;
}
