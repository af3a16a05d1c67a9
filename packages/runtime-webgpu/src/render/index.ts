export { createDrawer } from './drawer.ts';
export { surfaceOf } from './surface.ts';
