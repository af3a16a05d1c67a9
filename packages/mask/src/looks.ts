/** What engines that draw looks themselves share with `drawLook`. */
export { blurWeights, gridSize, leastWeight } from './looks/behind.ts';
export type {
  Frame,
  FrameDrawer,
  FrameInput,
  FrameTaps,
  FrameTask,
  LogitsCrop,
} from './looks/frame_drawer.ts';
export { heatColors } from './looks/heat.ts';
export { halfKept } from './looks/look.ts';
