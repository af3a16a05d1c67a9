import { GraphProtoSchema, ModelProtoSchema, NodeProtoSchema } from '@atrous/onnx-schema';
import { AtrousError } from '@atrous/tensor';
import { clip } from '../brief.ts';
import type { ByteSource } from '../bytes.ts';
import type { Checkpoint } from '../checkpoint.ts';
import type { Fail } from '../fail.ts';
import { type Located, locatedCheckpoint } from '../located.ts';
import type { ModelFiles } from '../model_files.ts';
import { fieldsOf, readFields, type Span } from '../protobuf/fields.ts';
import { bytesFields, lastField, readText, textOf } from '../protobuf/values.ts';
import { windowed } from '../windowed.ts';
import { externalFiles, readPairs } from './external_data.ts';
import { authorNames, isOwnConstant, type NodeNames, sharedNames } from './names.ts';
import { locateSparse, locateTensor, type OnnxFiles } from './tensor.ts';

const model = ModelProtoSchema.field;
const graph = GraphProtoSchema.field;
const node = NodeProtoSchema.field;
const mostTensors = 200_000;
const locators = new Map([
  [graph.initializer.number, locateTensor],
  [graph.sparseInitializer.number, locateSparse],
]);

/**
 * The initialisers of an ONNX file. The file is walked field by field, numbers are passed over and read when asked for;
 * those that lie in files beside it are found there. Axes are as they lie in the file, e.g. OIHW. Names are those of the
 * file, but for what PyTorch's exporter has made up (see `authorNames`) or written once for several (`sharedNames`).
 * @param files those beside it, for external data
 * @throws AtrousError `format` that names the initialiser
 */
export async function openOnnx(bytes: ByteSource, files: ModelFiles): Promise<Checkpoint> {
  const fail: Fail = (why, cause) => {
    throw new AtrousError('format', `${bytes.name}: not a sound ONNX file: ${why}`, { cause });
  };
  const headers = windowed(bytes);
  const onnx: OnnxFiles = { headers, bytes, openFile: externalFiles(files) };
  const fields = await readFields(headers, { begin: 0, end: bytes.size }, fail);
  const graphField = lastField(fields, model.graph.number) ?? fail('it has no graph');
  const { tensors, nodes } = await walkGraph(onnx, graphField, fail);

  const producer = await textOf(headers, fields, model.producerName.number, fail);
  const props = await readPairs(headers, fields, model.metadataProps.number, fail);
  const isOurs = producer === 'atrous';
  const metadata = Object.fromEntries([...props, ...(producer ? [['producer_name', producer]] : [])]);
  return locatedCheckpoint(bytes.name, named(tensors, nodes, isOurs), metadata);
}

/** The tensors of a graph and what its nodes call them. */
async function walkGraph(onnx: OnnxFiles, span: Span, fail: Fail) {
  const tensors = new Map<string, Located>();
  const nodes: NodeNames[] = [];
  const failFor =
    (name: string): Fail =>
    (why, cause) =>
      fail(name ? `${clip(name)}: ${why}` : why, cause);
  for await (const field of fieldsOf(onnx.headers, span, fail)) {
    if (field.type !== 'bytes') continue;
    if (field.number === graph.node.number) nodes.push(await readNode(onnx.headers, field, fail));
    const locate = locators.get(field.number);
    if (locate) {
      const { name, located } = await locate(onnx, field, failFor);
      if (name === '') fail('an initialiser has no name');
      if (tensors.has(name)) fail(`two initialisers are named ${clip(name)}`);
      tensors.set(name, located);
    }
    if (tensors.size > mostTensors || nodes.length > mostTensors)
      fail(`it has more than ${mostTensors} initialisers or nodes`);
  }
  return { tensors, nodes };
}

async function readNode(headers: ByteSource, span: Span, fail: Fail): Promise<NodeNames> {
  const fields = await readFields(headers, span, fail);
  const texts = (number: number) =>
    Promise.all(bytesFields(fields, number).map((field) => readText(headers, field, fail)));
  return {
    opType: await textOf(headers, fields, node.opType.number, fail),
    name: await textOf(headers, fields, node.name.number, fail),
    inputs: await texts(node.input.number),
    outputs: await texts(node.output.number),
  };
}

/** The tensors by the names that their authors gave them. */
function named(
  tensors: ReadonlyMap<string, Located>,
  nodes: readonly NodeNames[],
  isOurs: boolean,
): ReadonlyMap<string, Located> {
  const all = new Map(tensors);
  for (const [name, source] of sharedNames(new Set(tensors.keys()), nodes)) {
    const located = tensors.get(source);
    if (located) all.set(name, { ...located, storedBytes: 0 });
  }
  const authors = authorNames(new Set(all.keys()), nodes);
  const weights = [...all].filter(([name]) => !(isOurs && isOwnConstant(name)));
  return new Map(weights.map(([name, located]) => [authors.get(name) ?? name, located]));
}
