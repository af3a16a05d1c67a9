import { type Convolution, convolutionName, type Module } from './module.ts';

/** A convolution in its place, for those who name it otherwise. */
export interface Layer {
  /** Our name, without `encoder/`: `mixed_5b/branch1/conv2`. */
  readonly name: string;
  readonly module: string;
  /** Index of the module in the network. */
  readonly moduleIndex: number;
  readonly branch: number;
  /** Index among the steps of the branch, pools counted. */
  readonly step: number;
  /** Steps of the branch. */
  readonly steps: number;
  /** Number among the convolutions of the branch, from 1. */
  readonly number: number;
  /** Convolutions of the branch, a pair counted once. */
  readonly count: number;
  /** `a` and `b` of a pair. */
  readonly letter: string;
  readonly kernel: Convolution['kernel'];
}

/** The convolutions with a batch norm, in the order in which all known code creates them: branch by branch. */
export function layersOf(modules: readonly Module[]): readonly Layer[] {
  return modules.flatMap(({ name: module, branches }, moduleIndex) =>
    branches.flatMap((steps, branch) => {
      const scope = branches.length === 1 ? module : `${module}/branch${branch}`;
      const count = steps.filter(({ kind }) => kind === 'convolution').length;
      let number = 0;
      return steps.flatMap((step, index): Layer[] => {
        if (step.kind !== 'convolution') return [];
        number++;
        const { convolutions } = step;
        return convolutions.map(({ kernel }, i) => ({
          name: `${scope}/${convolutionName(number, i, convolutions.length)}`,
          module,
          moduleIndex,
          branch,
          step: index,
          steps: steps.length,
          number,
          count,
          letter: convolutions.length > 1 ? 'ab'[i] : '',
          kernel,
        }));
      });
    }),
  );
}
