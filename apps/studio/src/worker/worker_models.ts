import { expose } from 'comlink';
import { lookAt } from './look.ts';

/** What models are, before anything of them is loaded. */
const models = { lookAt };
export type Models = typeof models;

expose(models);
