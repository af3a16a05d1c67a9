// How an ONNX file of a model is fed: the part of a card between its marks "onnx".

/** A size for a landscape photo, and how Pillow brings a picture to the input size. */
function sizing({ size }) {
  if (size.mode === 'fixed') {
    return { height: size.height, width: size.width, sides: `(${size.width}, ${size.height})` };
  }
  if (size.mode !== 'longest-side')
    throw new Error(`the Python of the card is for no size of mode ${size.mode}`);
  const { pixels, multipleOf } = size;
  const height = Math.round((pixels * 3) / 4 / multipleOf) * multipleOf;
  const side = `max(${multipleOf}, round(side * ${pixels} / max(picture.size) / ${multipleOf}) * ${multipleOf})`;
  return { height, width: pixels, sides: `[${side} for side in picture.size]` };
}

/** Checked by packages/runtime-onnx/scripts/check_opencv.py, which runs the commands and the Python. */
export function onnx(name, { preprocess }) {
  if (preprocess.channels !== 'RGB') throw new Error(`${name}: the Python of the card is for RGB`);
  const { height, width, sides } = sizing(preprocess);
  return `The file says how it is fed: \`metadata_props\` hold \`mean\`, \`std\`, \`range\`, \`channels\`, \`layout\`, \`input_size\`, \`resize\`,
\`labels\` with colours, \`model_license\` and more, listed with
[\`@atrous/runtime-onnx\`](../runtime-onnx/README.md). With onnxruntime:

\`\`\`sh
atrous export ${name} -o ${name}.onnx --output labels
\`\`\`

\`\`\`python
import json

import numpy as np
import onnxruntime
from PIL import Image

session = onnxruntime.InferenceSession("${name}.onnx")
about = session.get_modelmeta().custom_metadata_map
low, high = json.loads(about["range"])
mean, std = json.loads(about["mean"]), json.loads(about["std"])

picture = Image.open("photo.jpg").convert("RGB")
sides = ${sides}
picture = picture.resize(sides, Image.Resampling.BILINEAR)
image = (np.asarray(picture) / 255 * (high - low) + low - mean) / std
labels = session.run(["labels"], {"image": image[None].astype(np.float32)})[0][0]
names = [label["name"] for label in json.loads(about["labels"])]
print({names[label] for label in np.unique(labels)})
\`\`\`

With OpenCV, which takes files of one size (this one is for photos of 4:3); the graph normalises:

\`\`\`sh
atrous export ${name} -o ${name}.onnx --output labels --size ${height}x${width} --layout nchw --normalize
\`\`\`

\`\`\`python
import cv2

net = cv2.dnn.readNetFromONNX("${name}.onnx")
picture = cv2.resize(cv2.imread("photo.jpg"), (${width}, ${height}), interpolation=cv2.INTER_AREA)
net.setInput(cv2.dnn.blobFromImage(picture, swapRB=True))
labels = net.forward()[0]
\`\`\``;
}
