import type { ByteSource } from './bytes.ts';
import type { Checkpoint } from './checkpoint.ts';
import { isLegacyTorch, jsonMentions, protobufField, textOf, zipEntryName } from './file_head.ts';
import type { ModelFiles } from './model_files.ts';
import { openSafetensors } from './safetensors.ts';

/** The ends of a file, which say what it is. */
export interface FileEnds {
  /** What it is called: data files of a TensorFlow checkpoint have no other mark. */
  readonly name: string;
  /** Up to 4096 bytes from the start. */
  readonly head: Uint8Array;
  /** The last 8 bytes. */
  readonly tail: Uint8Array;
}

/** A kind of file. */
export interface Format {
  /** With its article, e.g. `a PyTorch zip`. */
  readonly name: string;
  matches(ends: FileEnds): boolean;
  /** True for what holds files, among them a checkpoint's. */
  readonly isArchive?: boolean;
  /** What to do with it where it is not read. */
  readonly advice: string;
  /** Reads it, by code that is imported then. Absent where we cannot. @param files those beside it */
  readonly open?: (bytes: ByteSource, files: ModelFiles) => Promise<Checkpoint>;
}

/** True where the bytes from `offset` on are these: a text stands for its bytes in Latin-1. */
const has =
  (mark: string, offset = 0) =>
  ({ head }: FileEnds): boolean =>
    Array.from(mark).every((char, i) => head[offset + i] === char.charCodeAt(0));

const fromPyTorch =
  "convert it in Python: safetensors.torch.save_file(torch.load(path, weights_only=True), 'model.safetensors')";
const fromExport =
  'it holds a network rather than weights by name: convert the checkpoint it was exported from';
const unpack = 'unpack it first';
const openArchive: Format['open'] = async (bytes) =>
  (await import('./tar/open_archive.ts')).openArchive(bytes);

const isZip = has('PK\x03\x04');
const zipWith =
  (name: RegExp) =>
  (ends: FileEnds): boolean =>
    isZip(ends) && name.test(zipEntryName(ends.head));

const isText =
  (pattern: RegExp) =>
  ({ head }: FileEnds): boolean =>
    pattern.test(textOf(head));

const isHdf5 = (ends: FileEnds): boolean =>
  [0, 512, 1024, 2048].some((at) => has('\x89HDF\r\n\x1a\n', at)(ends));

/** Of a LevelDB table, in its last bytes: TensorFlow's checkpoint index is one. */
const tableMagic = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];
const isTable = ({ tail }: FileEnds): boolean => tableMagic.every((byte, i) => tail[i] === byte);

/** GraphDef: its first field is a node, whose first field is a name. */
const isGraphDef = ({ head }: FileEnds): boolean => {
  const node = protobufField(head, 0, 1);
  return node !== null && protobufField(head, node.begin, 1)?.isName === true;
};

/** The `weightsManifest` of a TensorFlow.js model as a file of its own. */
const isWeightsManifest = isText(/^\s*\[\s*\{\s*"(weights|paths)"\s*:\s*\[/);

/**
 * The kinds of files that are told apart, the first that matches. A safetensors file begins with a length, which can be
 * any bytes, and with `{` after it: it comes first. A format that we learn to read gets its `open` here:
 * `open: async (bytes, files) => (await import('./keras/open_keras.ts')).openKeras(bytes, files)`.
 */
export const formats: readonly Format[] = [
  { name: 'an empty file', matches: ({ head }) => head.length === 0, advice: 'fetch it again' },
  {
    name: 'a data file of a TensorFlow checkpoint',
    matches: ({ name }) => /\.data-\d{5}-of-\d{5}$/.test(name),
    advice: '',
    open: async (bytes, files) =>
      (await import('./tensorflow/open_checkpoint.ts')).openTensorFlowData(bytes, files),
  },
  {
    name: 'a safetensors file',
    matches: ({ head }) =>
      head[8] === 0x7b && head[4] === 0 && head[5] === 0 && head[6] === 0 && head[7] === 0,
    advice: '',
    open: openSafetensors,
  },
  {
    name: 'a PyTorch zip',
    matches: zipWith(/^[^/]+\/(data\.pkl|constants|extra\/|version|byteorder|\.|data\/|code\/)/),
    advice: '',
    open: async (bytes) => (await import('./torch/open_zip.ts')).openTorchZip(bytes),
  },
  {
    name: 'a Keras archive (.keras)',
    matches: zipWith(/^(metadata|config)\.json$|\.h5$/),
    advice: '',
    open: async (bytes) => (await import('./keras/open_keras.ts')).openKerasArchive(bytes),
  },
  {
    name: 'a NumPy archive (.npz)',
    matches: zipWith(/\.npy$/),
    advice: "convert it in Python: safetensors.numpy.save_file(dict(numpy.load(path)), 'model.safetensors')",
  },
  { name: 'a zip archive', matches: isZip, advice: unpack },
  {
    name: 'a legacy PyTorch pickle',
    matches: ({ head }) => isLegacyTorch(head),
    advice: '',
    open: async (bytes) => (await import('./torch/open_legacy.ts')).openTorchLegacy(bytes),
  },
  {
    name: 'a Python pickle',
    matches: ({ head }) => head[0] === 0x80 && head[1] >= 2 && head[1] <= 5,
    advice: fromPyTorch,
  },
  {
    name: 'an HDF5 file (Keras)',
    matches: isHdf5,
    advice: '',
    open: async (bytes) => (await import('./keras/open_keras.ts')).openKerasHdf5(bytes),
  },
  {
    name: 'a TensorFlow checkpoint index',
    matches: isTable,
    advice: '',
    open: async (bytes, files) =>
      (await import('./tensorflow/open_checkpoint.ts')).openTensorFlowIndex(bytes, files),
  },
  {
    name: 'a TensorFlow checkpoint state file',
    matches: isText(/^model_checkpoint_path:/),
    advice: '',
    open: async (bytes, files) =>
      (await import('./tensorflow/open_checkpoint.ts')).openTensorFlowState(bytes, files),
  },
  {
    name: 'a TensorFlow SavedModel',
    matches: has('\x08\x01\x12'),
    advice: '',
    open: async (bytes, files) =>
      (await import('./tensorflow/open_checkpoint.ts')).openSavedModel(bytes, files),
  },
  {
    name: 'a TensorFlow frozen graph',
    matches: isGraphDef,
    advice: '',
    open: async (bytes) => (await import('./tensorflow/open_graph.ts')).openFrozenGraph(bytes),
  },
  { name: 'a TensorFlow Lite file', matches: has('TFL3', 4), advice: fromExport },
  {
    name: 'an ONNX file',
    matches: ({ head }) =>
      head[0] === 8 && head[1] >= 2 && head[1] <= 20 && [0x12, 0x3a, 0x42].includes(head[2]),
    advice: '',
    open: async (bytes, files) => (await import('./onnx/open_onnx.ts')).openOnnx(bytes, files),
  },
  {
    name: 'a shard index',
    matches: jsonMentions('weight_map'),
    advice: '',
    open: async (bytes, files) => (await import('./shards/open_shards.ts')).openShards(bytes, files),
  },
  {
    name: 'a TensorFlow.js model.json',
    matches: (ends) => jsonMentions('weightsManifest', 'modelTopology')(ends) || isWeightsManifest(ends),
    advice: '',
    open: async (bytes, files) => (await import('./tfjs/open_tfjs.ts')).openTfjs(bytes, files),
  },
  {
    name: "a model's config.json",
    matches: jsonMentions('formatVersion'),
    advice: 'load the folder that it lies in',
  },
  { name: 'a JSON file', matches: isText(/^\s*[{[]/), advice: 'weights are read from safetensors files' },
  {
    name: 'a Git LFS pointer',
    matches: isText(/^version https:\/\/git-lfs\.github\.com\/spec/),
    advice: 'fetch the file itself: git lfs pull',
  },
  {
    name: 'an HTML page',
    matches: isText(/^\s*<(!doctype html|html|head|body|!--)/i),
    advice:
      'the address gives a page (a login, an error, or a viewer) in place of the file: use its download address',
  },
  {
    name: 'an XML document',
    matches: isText(/^\s*<\?xml/i),
    advice: 'a storage server answers errors so: check the address',
  },
  { name: 'a gzip file', matches: has('\x1f\x8b'), isArchive: true, advice: '', open: openArchive },
  { name: 'a tar archive', matches: has('ustar', 257), isArchive: true, advice: '', open: openArchive },
  { name: 'a GGUF file', matches: has('GGUF'), advice: 'weights are read from safetensors files' },
  {
    name: 'a NumPy array (.npy)',
    matches: has('\x93NUMPY'),
    advice: 'one array is not a checkpoint: write all weights by name as safetensors',
  },
];
