import { brief } from '../brief.ts';
import { type Fail, isCount } from '../fail.ts';
import { PickleGlobal } from '../pickle/values.ts';
import { storageClasses } from './dtypes.ts';
import { TorchStorage } from './tensors.ts';

/** Reads a persistent id: `('storage', class, key, location, count)`, of the legacy format with a part of it. */
export function readStorageId(id: unknown, fail: Fail): TorchStorage {
  if (!Array.isArray(id)) return fail(`it refers to ${brief(id)}, expected a storage`);
  const [kind, type, key, , count, part] = id;
  if (kind === 'module')
    return fail(
      'it holds a module with its source code, expected weights by name: torch.save(model.state_dict(), path)',
    );
  const dtype = type instanceof PickleGlobal ? storageClasses.get(type.name) : undefined;
  if (kind !== 'storage' || dtype === undefined || typeof key !== 'string' || !isCount(count))
    return fail(`it refers to ${brief(id)}, expected a storage`);
  const elementSize = dtype?.size ?? 1;
  if (part === undefined || part === null) return new TorchStorage(key, dtype, count * elementSize);
  const [, offset, partCount] = Array.isArray(part) ? part : [];
  if (!isCount(offset) || !isCount(partCount) || offset + partCount > count)
    return fail(`it refers to ${brief(part)} of a storage of ${count} elements`);
  return new TorchStorage(key, dtype, count * elementSize, offset * elementSize, partCount * elementSize);
}
