/** A node of an ONNX graph, as far as it tells what its weights are called. */
export interface NodeNames {
  readonly opType: string;
  /** PyTorch's exporter writes the modules' path: `/layer1/layer1.0/conv1/Conv`. */
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** What PyTorch's exporter calls a tensor that its optimiser made, of a convolution with its batch norm folded: `onnx::Conv_123`. */
const madeName = /^onnx::\w+_\d+$/;
/** What the inputs of these operators are called in PyTorch; of a transposed matrix product `weight` would lie the other way. */
const leaves: Readonly<Record<string, readonly string[]>> = {
  Conv: ['', 'weight', 'bias'],
  ConvTranspose: ['', 'weight', 'bias'],
};

/**
 * The names of initialisers as their authors know them, by their names in the file: where PyTorch's exporter has folded
 * a batch norm into a convolution, the numbers are called `onnx::Conv_123`, and the convolution that reads them says
 * whose they are: `layer1.0.conv1.weight`. A name that is made up twice, or is there already, is not given.
 */
export function authorNames(
  names: ReadonlySet<string>,
  nodes: Iterable<NodeNames>,
): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  const taken = new Set(names);
  for (const { opType, name, inputs } of nodes) {
    const path = modulePath(name);
    if (!path || !Object.hasOwn(leaves, opType)) continue;
    for (const [i, leaf] of leaves[opType].entries()) {
      const input = inputs[i] ?? '';
      const wanted = `${path}.${leaf}`;
      if (!leaf || !names.has(input) || !madeName.test(input) || taken.has(wanted) || given.has(input))
        continue;
      given.set(input, wanted);
      taken.add(wanted);
    }
  }
  return given;
}

/** `/backbone/layer1/layer1.0/conv1/Conv` → `backbone.layer1.0.conv1`: a part that begins with the one before it says where in a list it is. */
function modulePath(nodeName: string): string | undefined {
  const parts = nodeName.split('/');
  if (parts.length < 3 || parts[0] !== '') return undefined;
  const modules = parts.slice(1, -1);
  return modules
    .map((part, i) =>
      i > 0 && part.startsWith(`${modules[i - 1]}.`) ? part.slice(modules[i - 1].length + 1) : part,
    )
    .join('.');
}

/**
 * More names of initialisers: PyTorch's exporter writes equal weights once, and an Identity gives each of the others
 * its name.
 * @returns the initialiser of each further name
 */
export function sharedNames(
  names: ReadonlySet<string>,
  nodes: Iterable<NodeNames>,
): ReadonlyMap<string, string> {
  const shared = new Map<string, string>();
  for (const { opType, inputs, outputs } of nodes) {
    if (opType !== 'Identity' || inputs.length !== 1 || outputs.length !== 1) continue;
    const source = shared.get(inputs[0]) ?? inputs[0];
    if (names.has(source) && !names.has(outputs[0])) shared.set(outputs[0], source);
  }
  return shared;
}

/** What our own exporter calls constants of its graph, which are no weights: `int64:0,2`, `float:6`, `floats[1,3]:…`. */
export function isOwnConstant(name: string): boolean {
  return /^(int64|float|floats\[[\d,]*\]):/.test(name);
}
