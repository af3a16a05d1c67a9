// What the model packages' cards have from their config.json: the facts, and how an ONNX file of the model is fed. With
// --check, only compared.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const percent = (share) => (share === undefined ? '' : `${(share * 100).toFixed(1)} %`);

function facts({ architecture, data, labels, licence, scores, training, weights }) {
  const { val, test, external, testFloat16 } = scores;
  const megabytes = ({ dtype, bytes }) => `${(bytes / 1e6).toFixed(1)} MB in ${dtype}`;
  const rows = labels.map(
    ({ name }) => `| ${name} | ${percent(val.iou[name])} | ${percent(test.iou[name])} |`,
  );
  return [
    `- **Network**: DeepLabV3+ on Xception-41 × ${architecture.widthMultiplier}, output stride ${architecture.outputStride}, ${weights.parameters.toLocaleString('en')} parameters; ${weights.files.map(megabytes).join(', ')}`,
    `- **Data**: ${data}`,
    `- **Rights**: ${licence}`,
    `- **Recipe**: ${training.optimizer}, ${training.steps} steps of ${training.batch} crops of ${training.crop.join('×')}, ${training.start}; ${training.machine}`,
    '',
    `| IoU | validation (${val.pictures} pictures) | test (${test.pictures} pictures) |`,
    '| --- | --- | --- |',
    ...rows,
    ...(val.personIou
      ? [`| person (all but background) | ${percent(val.personIou)} | ${percent(test.personIou)} |`]
      : []),
    `| **mean** | **${percent(val.miou)}** | **${percent(test.miou)}** |`,
    `| pixel accuracy | ${percent(val.accuracy)} | ${percent(test.accuracy)} |`,
    '',
    `In half precision the test gives a mean IoU of ${percent(testFloat16.miou)}.`,
    ...(external
      ? [
          `On ${external.pictures} pictures of another kind (${external.data}) the person IoU is ${percent(external.personIou)}.`,
        ]
      : []),
  ].join('\n');
}

/** A size for a landscape photo, and how Pillow brings a picture to the input size. */
function sizing({ size }) {
  if (size.mode === 'fixed') {
    return { height: size.height, width: size.width, sides: `(${size.width}, ${size.height})` };
  }
  const { pixels, multipleOf } = size;
  const height = Math.round((pixels * 3) / 4 / multipleOf) * multipleOf;
  const side = `max(${multipleOf}, round(side * ${pixels} / max(picture.size) / ${multipleOf}) * ${multipleOf})`;
  return { height, width: pixels, sides: `[${side} for side in picture.size]` };
}

/** Checked by packages/runtime-onnx/scripts/check_opencv.py, which runs the commands and the Python. */
function onnx(name, { preprocess }) {
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
atrous export ${name} -o ${name}.onnx --output labels --fixed ${height}x${width} --layout nchw --normalize
\`\`\`

\`\`\`python
import cv2

net = cv2.dnn.readNetFromONNX("${name}.onnx")
picture = cv2.resize(cv2.imread("photo.jpg"), (${width}, ${height}), interpolation=cv2.INTER_AREA)
net.setInput(cv2.dnn.blobFromImage(picture, swapRB=True))
labels = net.forward()[0]
\`\`\``;
}

/** A card with the text between a section's marks replaced. */
const withSection = (card, name, text) =>
  card.replace(
    new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(\\n?<!-- end -->)`),
    (_all, begin) => `${begin}${text}\n<!-- end -->`,
  );

for (const name of ['people', 'street']) {
  const folder = join(root, 'packages', `model-${name}`);
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  const path = join(folder, 'README.md');
  const card = readFileSync(path, 'utf8');
  const written = withSection(withSection(card, 'facts', facts(config)), 'onnx', onnx(name, config));
  if (written === card) continue;
  if (process.argv.includes('--check')) {
    console.log(`${path} is not what config.json says: run node scripts/model_cards.mjs`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, written);
  }
}
