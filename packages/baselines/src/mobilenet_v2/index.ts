export { type MobileNetV2Options, mobilenetV2 } from './mobilenet_v2.ts';
