import { AtrousError } from '@atrous/tensor';
import astronaut from '../../samples/astronaut.jpg?url';
import graceHopper from '../../samples/grace_hopper.jpg?url';
import { sayError } from '../state/messages.ts';
import { stopLive } from './live.ts';
import { addPictures } from './queue.ts';

/** Pictures in the public domain. */
const samples = [
  { name: 'astronaut.jpg', url: astronaut, credit: 'Eileen Collins, by NASA; public domain' },
  { name: 'grace_hopper.jpg', url: graceHopper, credit: 'Grace M. Hopper, by the US Navy; public domain' },
];

export async function addSamples(): Promise<void> {
  try {
    await stopLive();
    const fetched = await Promise.all(
      samples.map(async ({ name, url, credit }) => {
        const response = await fetch(url);
        if (!response.ok)
          throw new AtrousError('not-found', `${name}: the server answers ${response.status}`);
        const blob = await response.blob();
        return { name, credit, file: new File([blob], name, { type: blob.type }) };
      }),
    );
    addPictures(fetched);
  } catch (error) {
    sayError(error);
  }
}
