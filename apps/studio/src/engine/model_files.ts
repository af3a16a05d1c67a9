import { AtrousError } from '@atrous/tensor';
import type { ModelChoice } from '../state/engine.ts';

/** How files of models end. */
const endings = [
  ...['safetensors', 'pth', 'pt', 'ckpt', 'pkl', 'bin'],
  ...['h5', 'hdf5', 'keras', 'onnx', 'pb', 'index', 'meta', 'json'],
  ...['tar', 'gz', 'tgz'],
];
/** For choosers of files. Data files of TensorFlow's checkpoints end in numbers, which no chooser can be told. */
export const acceptedEndings: string = endings.map((ending) => `.${ending}`).join();

const modelName = new RegExp(
  String.raw`\.(${endings.join('|')}|data-\d{5}-of-\d{5})$|-shard\d+(of\d+)?$|(^|/)checkpoint$`,
  'i',
);

/** Whether files that somebody gave are a model's, by their names. */
export const hasModel = (files: readonly File[]): boolean => files.some(({ name }) => modelName.test(name));

/** Files that systems leave behind. */
export const isHidden = ({ name }: File): boolean =>
  /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/.test(name);

const isConfig = ({ name }: File): boolean => /(^|\/)config\.json$/.test(name);

/** A model out of files that somebody gave: a checkpoint of any format, or `config.json` and the weights that it names. */
export function modelOfFiles(files: readonly File[]): ModelChoice {
  const weights = files.filter((file) => hasModel([file]) && !isConfig(file));
  const [{ name }, ...others] = weights.length > 0 ? weights : files;
  const title = others.length > 0 ? `${name} and ${others.length} more` : name;
  return { id: `files:${title}`, title, location: files };
}

/**
 * The files of a model folder, by their names from its `config.json`; undefined where there is none of ours: others
 * have files of that name, too.
 * @throws AtrousError `input` for a config alone
 */
export async function configOf(files: readonly File[]): Promise<readonly File[] | undefined> {
  const config = files.find(isConfig);
  if (!config || !(await isOurs(config))) return undefined;
  if (files.length === 1) {
    throw new AtrousError(
      'input',
      'a model is config.json and its weights together: the weights are missing',
    );
  }
  const folder = config.name.slice(0, config.name.lastIndexOf('/') + 1);
  if (folder === '') return files;
  return files
    .filter(({ name }) => name.startsWith(folder))
    .map((file) => new File([file], file.name.slice(folder.length)));
}

/** One that is damaged counts as ours: what is wrong with it is said when it is read. */
async function isOurs(config: File): Promise<boolean> {
  try {
    return 'formatVersion' in JSON.parse(await config.text());
  } catch {
    return true;
  }
}
