export { type InceptionOptions, inception } from './inception.ts';
