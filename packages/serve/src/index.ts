export type { ServeLimits } from './limits.ts';
export { defaultLimits } from './limits.ts';
export { createServer, type ServeOptions } from './server.ts';
