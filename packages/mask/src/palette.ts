import { AtrousError } from '@atrous/tensor';

/** Red, green and blue, 0 to 255. */
export type Color = readonly [red: number, green: number, blue: number];

/** A colour per class id. */
export type Palette = readonly Color[];

/** `#rrggbb` as a colour. @throws AtrousError `input` */
export function parseColor(hex: string): Color {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (!match) throw new AtrousError('input', `colour "${hex}": expected #rrggbb`);
  return [Number.parseInt(match[1], 16), Number.parseInt(match[2], 16), Number.parseInt(match[3], 16)];
}

/** A colour as `#rrggbb`. */
export const formatColor = (color: Color): string =>
  `#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`;

/** The palette of a model's labels. */
export function paletteOf(labels: readonly { readonly color: string }[]): Palette {
  return labels.map(({ color }) => parseColor(color));
}

/** The colour of a class id; ids beyond the palette go around. */
export function colorOf(palette: Palette, id: number): Color {
  return palette[id % palette.length];
}

/** Pascal VOC's 256 colours: the bits of the id, spread over the channels from the top (the devkit's `VOClabelcolormap`). */
export const pascalVoc: Palette = /* @__PURE__ */ Array.from({ length: 256 }, (_, id): Color => {
  const channel = (offset: number) => {
    let value = 0;
    for (let bit = 0; bit < 8; bit++) value |= ((id >> (3 * bit + offset)) & 1) << (7 - bit);
    return value;
  };
  return [channel(0), channel(1), channel(2)];
});

const fromHex = (text: string): Palette =>
  text
    .trim()
    .split(/\s+/)
    .map((hex) => parseColor(`#${hex}`));

/** Eight colours that people with any colour vision tell apart (Okabe and Ito 2008), black first. */
export const okabeIto: Palette = /* @__PURE__ */ fromHex(
  '000000 e69f00 56b4e9 009e73 f0e442 0072b2 d55e00 cc79a7',
);

/** Twelve colours chosen for colour blindness (Krzywinski, "Designing for color blindness"). */
export const krzywinski: Palette = /* @__PURE__ */ fromHex(
  '9f0162 009f81 ff5aaf 00fccf 8400cd 008df9 00c2f9 ffb2fd a40122 e20134 ff6e3a ffc33b',
);

/** Cityscapes' 19 training classes, road to bicycle (cityscapesScripts, `labels.py`). */
export const cityscapes: Palette = /* @__PURE__ */ fromHex(
  '804080 f423e8 464646 66669c be9999 999999 faaa1e dcdc00 6b8e23 98fb98 4682b4 dc143c ff0000 00008e 000046 003c64 005064 0000e6 770b20',
);

/** CamVid's 11 classes of the SegNet split, sky to bicyclist. */
export const camVid: Palette = /* @__PURE__ */ fromHex(
  '808080 800000 c0c080 804080 3c28de 808000 c08080 404080 400080 404000 0080c0',
);

/** ADE20K's 150 classes of the scene parsing benchmark, wall to flag (without the unlabelled 0). */
export const ade20k: Palette = /* @__PURE__ */ fromHex(
  `787878 b47878 06e6e6 503232 04c803 787850 8c8c8c cc05ff e6e6e6 04fa07 e005ff ebff07 96053d 787846 08ff33
   ff0652 8fff8c ccff04 ff3307 cc4603 0066c8 3de6fa ff0633 0b66ff ff0747 ff09e0 0907e6 dcdcdc ff095c 7009ff
   08ffd6 07ffe0 ffb806 0aff47 ff290a 07ffff e0ff08 6608ff ff3d06 ffc207 ff7a08 00ff14 ff0829 ff0599 0633ff
   eb0cff a09614 00a3ff 8c8c8c fa0a0f 14ff00 1fff00 ff1f00 ffe000 99ff00 0000ff ff4700 00ebff 00adff 1f00ff
   0bc8c8 ff5200 00fff5 003dff 00ff70 00ff85 ff0000 ffa300 ff6600 c2ff00 008fff 33ff00 0052ff 00ff29 00ffad
   0a00ff adff00 00ff99 ff5c00 ff00ff ff00f5 ff0066 ffad00 ff0014 ffb8b8 001fff 00ff3d 0047ff ff00cc 00ffc2
   00ff52 000aff 0070ff 3300ff 00c2ff 007aff 00ffa3 ff9900 00ff0a ff7000 8fff00 5200ff a3ff00 ffeb00 08b8aa
   8500ff 00ff5c b800ff ff001f 00b8ff 00d6ff ff0070 5cff00 00e0ff 70e0ff 46b8a0 a300ff 9900ff 47ff00 ff00a3
   ffcc00 ff008f 00ffeb 85ff00 ff00eb f500ff ff007a fff500 0abed4 d6ff00 00ccff 1400ff ffff00 0099ff 0029ff
   00ffcc 2900ff 29ff00 ad00ff 00f5ff 4700ff 7a00ff 00ffb8 005cff b8ff00 0085ff ffd600 19c2c2 66ff00 5c00ff`,
);
