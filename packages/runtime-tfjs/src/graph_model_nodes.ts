/** A node of TensorFlow's GraphDef, as TensorFlow.js reads it from JSON. */
export interface TfNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, unknown>>;
}

/** A weight of a GraphModel, read when its turn comes. */
export interface TfWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  read(): Promise<Float32Array | Int32Array>;
}

/** Attributes as TensorFlow.js reads them from JSON. */
export const attr = {
  float: { T: { type: 'DT_FLOAT' } },
  list: (values: readonly number[]): unknown => ({ list: { i: values.map(String) } }),
  text: (value: string): unknown => ({ s: btoa(value) }),
  texts: (values: readonly string[]): unknown => ({ list: { s: values.map((value) => btoa(value)) } }),
  flag: (value: boolean): unknown => ({ b: value }),
};

/** Collects the nodes and weights of a GraphModel. */
export interface GraphEmitter {
  readonly nodes: TfNode[];
  readonly weights: TfWeight[];
  /** Adds a node and returns its name. */
  node(name: string, op: string, input: readonly string[], attributes?: Record<string, unknown>): string;
  /** Adds float32 numbers that are read when they are written. */
  weight(name: string, shape: readonly number[], read: () => Promise<Float32Array>): string;
  /** Adds int32 numbers. @default a list */
  constant(name: string, values: readonly number[], shape?: readonly number[]): string;
  /** Adds float32 numbers. @default a scalar */
  floats(name: string, values: readonly number[], shape?: readonly number[]): string;
}

export function graphEmitter(): GraphEmitter {
  const nodes: TfNode[] = [];
  const weights: TfWeight[] = [];
  const constants = (weight: TfWeight, type: string): string => {
    nodes.push({ name: weight.name, op: 'Const', attr: { dtype: { type } } });
    weights.push(weight);
    return weight.name;
  };
  const weight: GraphEmitter['weight'] = (name, shape, read) =>
    constants({ name, shape, dtype: 'float32', read }, 'DT_FLOAT');
  return {
    nodes,
    weights,
    weight,
    node(name, op, input, attributes = {}) {
      nodes.push({ name, op, input, attr: attributes });
      return name;
    },
    constant: (name, values, shape = [values.length]) =>
      constants({ name, shape, dtype: 'int32', read: async () => Int32Array.from(values) }, 'DT_INT32'),
    floats: (name, values, shape = []) => weight(name, shape, async () => Float32Array.from(values)),
  };
}
