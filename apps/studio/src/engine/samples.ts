import astronaut from '../../samples/astronaut.jpg?url';
import graceHopper from '../../samples/grace_hopper.jpg?url';
import { sayError } from '../state/messages.ts';
import { addPictures } from './queue.ts';

/** Pictures in the public domain. */
const samples = [
  { name: 'astronaut.jpg', url: astronaut, credit: 'Eileen Collins, by NASA; public domain' },
  { name: 'grace_hopper.jpg', url: graceHopper, credit: 'Grace M. Hopper, by the US Navy; public domain' },
];

export async function addSamples(): Promise<void> {
  try {
    const fetched = await Promise.all(
      samples.map(async ({ name, url, credit }) => {
        const blob = await (await fetch(url)).blob();
        return { name, credit, file: new File([blob], name, { type: blob.type }) };
      }),
    );
    addPictures(fetched);
  } catch (error) {
    sayError(error);
  }
}
