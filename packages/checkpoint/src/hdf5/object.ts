import { readTexts } from './attributes.ts';
import { type Dataset, readDataset } from './dataset.ts';
import type { Hdf5File } from './file.ts';
import { type Links, readLinks } from './group.ts';
import { readObjectHeader } from './object_header.ts';

/** A group or a dataset, with the attributes that are texts. */
export interface Hdf5Object {
  readonly address: number;
  /** Of a group; empty for a dataset. */
  readonly links: Links;
  /** undefined for a group */
  readonly dataset?: Dataset;
  readonly texts: ReadonlyMap<string, readonly string[]>;
}

const noLinks: Links = new Map();

/** Reads what an object is, nothing of what it holds. @throws AtrousError `format` */
export async function readObject(file: Hdf5File, address: number): Promise<Hdf5Object> {
  const messages = await readObjectHeader(file, address);
  const links = (await readLinks(file, messages)) ?? noLinks;
  const dataset = readDataset(file, messages);
  return { address, links, dataset, texts: await readTexts(file, messages) };
}

/** Follows a path of names, e.g. `conv1/conv1/kernel:0`. undefined where it leads to nothing. */
export async function readPath(
  file: Hdf5File,
  from: Hdf5Object,
  path: string,
): Promise<Hdf5Object | undefined> {
  let object: Hdf5Object = from;
  for (const name of path.split('/').filter((part) => part !== '')) {
    const address = object.links.get(name);
    if (address === undefined) return undefined;
    object = await readObject(file, address);
  }
  return object;
}
