import { type ModuleName, type ModuleSize, moduleGraph, modules } from '@atrous/baselines/modules';
import { cost } from '@atrous/graph';

/** A module beside an ordinary convolution of the same size. */
export interface ComparedModule {
  readonly module: ModuleName;
  readonly title: string;
  /** Parameters, in K, M and N. */
  readonly formula: string;
  readonly source: string;
  /** Channels that come out. */
  readonly channels: number;
  readonly parameters: number;
  readonly macs: number;
  /** Multiply-adds of the ordinary convolution over these. */
  readonly times: number;
}

/** Counts what each way costs. */
export function compareModules(size: ModuleSize): ComparedModule[] {
  const shape = [1, size.size, size.size, size.channels];
  const ordinary = modules.ordinary.weights(size);
  return (Object.keys(modules) as ModuleName[]).map((module) => {
    const { title, formula, source } = modules[module];
    const { nodes, parameters, multiplyAdds } = cost(moduleGraph(module, size), { image: shape });
    const channels = nodes.at(-1)!.output.shape[3];
    const times = ordinary / parameters;
    return { module, title, formula, source, channels, parameters, macs: multiplyAdds, times };
  });
}
