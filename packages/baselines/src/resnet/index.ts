export { type ResNetOptions, resnet } from './resnet.ts';
