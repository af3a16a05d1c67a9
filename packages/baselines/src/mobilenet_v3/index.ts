export { type MobileNetV3Options, mobilenetV3 } from './mobilenet_v3.ts';
