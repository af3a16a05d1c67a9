export { type VggOptions, vgg } from './vgg.ts';
