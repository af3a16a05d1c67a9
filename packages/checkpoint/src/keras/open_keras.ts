import { AtrousError } from '@atrous/tensor';
import { briefList } from '../brief.ts';
import { type ByteSource, readExactly } from '../bytes.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { type Hdf5File, openHdf5 } from '../hdf5/file.ts';
import { type Hdf5Object, readObject } from '../hdf5/object.ts';
import { openZip } from '../zip/open_zip.ts';
import { checkpointOf } from './checkpoint.ts';
import { type LayerConfig, readConfig } from './config.ts';
import type { FoundWeight } from './found_weight.ts';
import { listOf, namedLayerWeights } from './named_layers.ts';
import { hasNumberedWeights, numberedWeights } from './numbered_layers.ts';

/** Of an archive's JSON files, in bytes. */
const largestJson = 1 << 25;

/**
 * Opens a Keras file in HDF5: a whole model (`.h5`), weights by layer's name (`.h5`) or by number (`.weights.h5`), of Keras
 * 1, 2 and 3. Names are `layer/leaf` in Keras' terms, e.g. `block1_conv1/kernel`, in the order of the model's layers; the
 * optimizer's state is left out. `metadata` has `keras_version`, `backend`, `model_class` and `model_name` where the file
 * says them. Only headers are read; float16 stays, bfloat16 and float64 become float32 when they are read.
 * @throws AtrousError `format`, for an HDF5 file of another program too
 */
export async function openKerasHdf5(bytes: ByteSource): Promise<Checkpoint> {
  const file = await openHdf5(bytes);
  const root = await readObject(file, file.root);
  const config = readConfig(root.texts.get('model_config')?.[0]);
  const { weights, group } = await findWeights(file, root, config);
  return checkpointOf(file, weights, { ...versionsOf(root), ...versionsOf(group), ...modelOf(config) });
}

/** Opens a `.keras` archive. The names of layers come from its `config.json`. @throws AtrousError `format` */
export async function openKerasArchive(bytes: ByteSource): Promise<Checkpoint> {
  const { entries, open } = await openZip(bytes);
  const weightsEntry = entries.get('model.weights.h5');
  if (!weightsEntry) {
    const found = briefList([...entries.keys()]).join(', ');
    throw new AtrousError(
      'format',
      `${bytes.name}: a Keras archive without model.weights.h5: it holds ${found}; save it with model.save('model.keras')`,
    );
  }
  const textOf = async (name: string): Promise<string | undefined> => {
    const entry = entries.get(name);
    if (!entry || entry.size > largestJson) return undefined;
    return new TextDecoder().decode(await readExactly(await open(entry), 0, entry.size));
  };
  const config = readConfig(await textOf('config.json'));
  const file = await openHdf5(await open(weightsEntry));
  const { weights } = await findWeights(file, await readObject(file, file.root), config);
  return checkpointOf(file, weights, {
    ...archiveVersion(await textOf('metadata.json')),
    ...modelOf(config),
  });
}

async function findWeights(
  file: Hdf5File,
  root: Hdf5Object,
  config: LayerConfig | undefined,
): Promise<{ weights: FoundWeight[]; group: Hdf5Object }> {
  const model = root.links.get('model_weights');
  const group = model === undefined ? root : await readObject(file, model);
  if (listOf(group, 'layer_names')) return { weights: await namedLayerWeights(file, group), group };
  if (hasNumberedWeights(root)) return { weights: await numberedWeights(file, root, config), group: root };
  const found = briefList([...root.links.keys()]).join(', ') || 'nothing';
  throw new AtrousError(
    'format',
    `${file.name}: an HDF5 file that is not of Keras: it holds ${found}, expected the attribute layer_names, or groups model_weights or layers; ` +
      'write its tensors with safetensors.numpy.save_file in Python',
  );
}

type Metadata = Record<string, string>;

function versionsOf({ texts }: Hdf5Object): Metadata {
  const known = ['keras_version', 'backend'].map((name) => [name, texts.get(name)?.[0]]);
  return Object.fromEntries(known.filter(([, value]) => value !== undefined));
}

function archiveVersion(text: string | undefined): Metadata {
  const found = /"keras_version"\s*:\s*("[^"\\]*")/.exec(text ?? '')?.[1];
  return found ? { keras_version: found.slice(1, -1) } : {};
}

function modelOf(config: LayerConfig | undefined): Metadata {
  return config ? { model_class: config.className, model_name: config.name } : {};
}
