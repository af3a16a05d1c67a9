import type { EncodeOptions, OnnxDescription } from '@atrous/runtime-onnx';
import { AtrousError, type ResizeConvention } from '@atrous/tensor';
import { describeModel, type LoadedModel, networkName } from '@atrous/zoo';
import { Option } from 'commander';
import { size } from './options.ts';
import { version } from './version.ts';

/** What an ONNX file can be told besides its outputs. */
export interface OnnxFlags {
  readonly size?: { readonly height: number; readonly width: number };
  readonly layout?: 'nhwc' | 'nchw';
  readonly normalize?: boolean;
}

export const onnxOptions = (): Option[] => [
  new Option(
    '--size <height>x<width>',
    "the one input size of a TensorFlow Lite file (default: the model's, where it has one); ONNX for one picture of this size, every shape a number: for OpenCV and others that know no free sizes",
  ).argParser(size),
  new Option('--fixed <height>x<width>', 'the same as --size').argParser(size),
  new Option('--layout <axes>', 'axes of the ONNX input and outputs (default: nhwc)').choices([
    'nhwc',
    'nchw',
  ]),
  new Option(
    '--normalize',
    'ONNX that takes pixels of 0 to 255, in the order of "channels", and normalises them',
  ),
];

/** @throws AtrousError `input` where a flag of ONNX files was given for another file */
export function refuseOnnxFlags({ size, layout, normalize }: OnnxFlags, isTflite = false): void {
  if (size && !isTflite)
    throw new AtrousError(
      'input',
      '--size: only for an ONNX or a TensorFlow Lite file (-o FILE.onnx, -o FILE.tflite)',
    );
  const given = [layout && '--layout', normalize && '--normalize'].filter(Boolean);
  if (given.length > 0)
    throw new AtrousError('input', `${given.join(', ')}: only for an ONNX file (-o FILE.onnx)`);
}

/** How a model's logits are resized before arg-max. */
export const logitsResize = ({ architecture, config }: LoadedModel): ResizeConvention =>
  config?.postprocess.resize ?? architecture.resize ?? 'align-corners';

/** What the file says about the model: all that its config does, or what its source's conventions tell. */
async function description(model: LoadedModel): Promise<OnnxDescription> {
  const { architecture, config, precision, source } = model;
  const { postprocess, ...said } = await describeModel(model, networkName(architecture));
  const file = config?.weights.files.find(({ dtype }) => dtype === precision);
  return {
    ...said,
    ...(architecture.head !== 'classifier' && { postprocess }),
    weights: { source, ...(file && { file: file.file, sha256: file.sha256 }) },
    version,
  };
}

/** How a model is written as ONNX. */
export async function onnxEncoding(
  model: LoadedModel,
  flags: OnnxFlags,
): Promise<Omit<EncodeOptions, 'outputs'>> {
  const { size, layout, normalize } = flags;
  const { channels = 3 } = model.family.variants[model.architecture.encoder.variant];
  return {
    description: await description(model),
    layout: layout === 'nchw' ? 'NCHW' : 'NHWC',
    normalize,
    ...(size && { shapes: { image: [1, size.height, size.width, channels] } }),
  };
}

/** For the help: how an ONNX file is fed. The model cards have the same in full. */
export const feedingHelp = `
Feeding the ONNX file: "image" is float32 [N,H,W,3], (pixel / 255 * (high - low) + low - mean) / std.
The file's metadata_props say all of it: range, mean, std, channels (RGB or BGR), layout, input_size, resize,
labels (with colours), model_license. With onnxruntime, after "atrous export people -o people.onnx --output labels":
  session = onnxruntime.InferenceSession("people.onnx")
  about = session.get_modelmeta().custom_metadata_map
  (low, high), mean, std = (np.float32(json.loads(about[key])) for key in ("range", "mean", "std"))
  picture = Image.open("photo.jpg").convert("RGB").resize((384, 288), Image.Resampling.BILINEAR)
  image = (np.float32(picture) / 255 * (high - low) + low - mean) / std
  labels = session.run(["labels"], {"image": image[None]})[0][0]
With OpenCV, after "atrous export people -o people.onnx --output labels --size 288x384 --layout nchw --normalize":
  net = cv2.dnn.readNetFromONNX("people.onnx")
  picture = cv2.resize(cv2.imread("photo.jpg"), (384, 288), interpolation=cv2.INTER_AREA)
  net.setInput(cv2.dnn.blobFromImage(picture, swapRB=True))
  labels = net.forward()[0]`;
