import { AtrousError } from '@atrous/tensor';
import { clip } from '../brief.ts';
import type { ByteSource } from '../bytes.ts';
import type { Checkpoint } from '../checkpoint.ts';
import type { Fail } from '../fail.ts';
import { type Located, locatedCheckpoint } from '../located.ts';
import { fieldsOf, readFields, type Span } from '../protobuf/fields.ts';
import { bytesFields, lastField, textOf } from '../protobuf/values.ts';
import { windowed } from '../windowed.ts';
import { locateConstant } from './constant.ts';

// Field numbers of graph.proto, node_def.proto and attr_value.proto.
const graphNode = 1;
const node = { name: 1, op: 2, attributes: 5 };
const attribute = { key: 1, value: 2 };
const valueTensor = 8;
const mostNodes = 500_000;

/**
 * The constants of a frozen graph by the names of their nodes, e.g. `xception_65/entry_flow/conv1_1/weights`; all other
 * nodes are passed over. The file is walked field by field, numbers are read when asked for.
 * @throws AtrousError `format` that names the node
 */
export async function openFrozenGraph(bytes: ByteSource): Promise<Checkpoint> {
  const fail: Fail = (why, cause) => {
    throw new AtrousError('format', `${bytes.name}: not a sound frozen graph: ${why}`, { cause });
  };
  const headers = windowed(bytes);
  const constants = new Map<string, Located>();
  let nodes = 0;
  for await (const field of fieldsOf(headers, { begin: 0, end: bytes.size }, fail)) {
    if (field.number !== graphNode || field.type !== 'bytes') continue;
    if (++nodes > mostNodes) fail(`it has more than ${mostNodes} nodes`);
    const fields = await readFields(headers, field, fail);
    if ((await textOf(headers, fields, node.op, fail)) !== 'Const') continue;
    const name = await textOf(headers, fields, node.name, fail);
    const failHere: Fail = (why, cause) => fail(`${clip(name)}: ${why}`, cause);
    if (constants.has(name)) failHere('two nodes have this name');
    const value = await valueSpan(headers, bytesFields(fields, node.attributes), failHere);
    constants.set(name, await locateConstant(headers, bytes, value, failHere));
  }
  if (constants.size === 0)
    fail('it has no constants: its weights lie in a checkpoint or SavedModel beside it, open that');
  return locatedCheckpoint(bytes.name, constants);
}

/** Where the tensor lies among a node's attributes. */
async function valueSpan(headers: ByteSource, attributes: readonly Span[], fail: Fail): Promise<Span> {
  for (const span of attributes) {
    const fields = await readFields(headers, span, fail);
    if ((await textOf(headers, fields, attribute.key, fail)) !== 'value') continue;
    const value = lastField(fields, attribute.value);
    const tensor = value && lastField(await readFields(headers, value, fail), valueTensor);
    if (tensor) return tensor;
  }
  return fail('it is a constant without a value');
}
