import type { NamedClass } from '@atrous/mask';
import { ade20k, camVid, cityscapes, colorOf, formatColor, type Palette, pascalVoc } from '@atrous/mask';

/** The classes of a dataset, by id. */
export interface LabelSet {
  readonly name: string;
  readonly names: readonly string[];
  readonly palette: Palette;
}

const words = (text: string): readonly string[] => text.trim().split(/,\s*/);

const voc = words(`
background, aeroplane, bicycle, bird, boat, bottle, bus, car, cat, chair, cow, dining table, dog, horse, motorbike,
person, potted plant, sheep, sofa, train, tv monitor`);

const cityscapesNames = words(`
road, sidewalk, building, wall, fence, pole, traffic light, traffic sign, vegetation, terrain, sky, person, rider,
car, truck, bus, train, motorcycle, bicycle`);

const camVidNames = words(`
sky, building, pole, road, pavement, tree, sign symbol, fence, car, pedestrian, bicyclist`);

const ade20kNames = words(`
wall, building, sky, floor, tree, ceiling, road, bed, windowpane, grass, cabinet, sidewalk, person, earth, door,
table, mountain, plant, curtain, chair, car, water, painting, sofa, shelf, house, sea, mirror, rug, field, armchair,
seat, fence, desk, rock, wardrobe, lamp, bathtub, railing, cushion, base, box, column, signboard, chest of drawers,
counter, sand, sink, skyscraper, fireplace, refrigerator, grandstand, path, stairs, runway, case, pool table,
pillow, screen door, stairway, river, bridge, bookcase, blind, coffee table, toilet, flower, book, hill, bench,
countertop, stove, palm, kitchen island, computer, swivel chair, boat, bar, arcade machine, hovel, bus, towel,
light, truck, tower, chandelier, awning, streetlight, booth, television receiver, airplane, dirt track, apparel,
pole, land, bannister, escalator, ottoman, bottle, buffet, poster, stage, van, ship, fountain, conveyer belt,
canopy, washer, plaything, swimming pool, stool, barrel, basket, waterfall, tent, bag, minibike, cradle, oven, ball,
food, step, tank, trade name, microwave, pot, animal, bicycle, lake, dishwasher, screen, blanket, sculpture, hood,
sconce, vase, traffic light, tray, ashcan, fan, pier, crt screen, plate, monitor, bulletin board, shower, radiator,
glass, clock, flag`);

/** The datasets that segmentation networks are usually trained on. How many classes there are says which one it is. */
export const labelSets: readonly LabelSet[] = [
  { name: 'PASCAL VOC', names: voc, palette: pascalVoc },
  { name: 'Cityscapes', names: cityscapesNames, palette: cityscapes },
  { name: 'CamVid', names: camVidNames, palette: camVid },
  { name: 'ADE20K', names: ade20kNames, palette: ade20k },
  { name: 'ADE20K with background', names: ['background', ...ade20kNames], palette: [[0, 0, 0], ...ade20k] },
];

/** Whether so many classes are ImageNet's 1000, TF-slim's with the background first. */
export const isImagenetCount = (classes: number): boolean => classes === 1000 || classes === 1001;

/** The dataset that so many classes are of, as far as that is known. */
export const labelSetName = (classes: number): string | undefined =>
  isImagenetCount(classes) ? 'ImageNet' : labelSets.find(({ names }) => names.length === classes)?.name;

async function imagenetSet(classes: number): Promise<LabelSet> {
  const { imagenetNames } = await import('./imagenet.ts');
  const names = classes === 1001 ? ['background', ...imagenetNames] : imagenetNames;
  return { name: 'ImageNet', names, palette: pascalVoc };
}

/** The classes of a network by their number; colours of PASCAL VOC where the dataset has none or is not known. */
export async function labelsFor(
  classes: number,
): Promise<{ readonly set?: string; readonly labels: readonly NamedClass[] }> {
  const set = isImagenetCount(classes)
    ? await imagenetSet(classes)
    : labelSets.find(({ names }) => names.length === classes);
  const palette = set?.palette ?? pascalVoc;
  const labels = Array.from({ length: classes }, (_, id) => ({
    id,
    name: set?.names[id] ?? `class ${id}`,
    color: formatColor(colorOf(palette, id)),
  }));
  return { ...(set && { set: set.name }), labels };
}
