import { AtrousError } from '@atrous/tensor';
import astronaut from '../../samples/astronaut.jpg?url';
import graceHopper from '../../samples/grace_hopper.jpg?url';
import soccer from '../../samples/soccer.jpg?url';
import womenOnPhones from '../../samples/women_on_phones.jpg?url';
import { sayError } from '../state/messages.ts';
import { pictures, selectedId } from '../state/pictures.ts';
import { stopLive } from './live.ts';
import { addPictures } from './queue.ts';

/** Pictures in the public domain; the last two are hard: a flag, a space suit, a uniform. */
const samples = [
  { name: 'soccer.jpg', url: soccer, credit: 'Soccer, by way of Pexels; CC0' },
  { name: 'women_on_phones.jpg', url: womenOnPhones, credit: 'Women on phones, by way of Pexels; CC0' },
  { name: 'astronaut.jpg', url: astronaut, credit: 'Eileen Collins, by NASA; public domain' },
  { name: 'grace_hopper.jpg', url: graceHopper, credit: 'Grace M. Hopper, by the US Navy; public domain' },
];

const there = (credit: string) => pictures.value.find((picture) => picture.credit === credit);

/** Puts the samples into the film strip: those that are not there yet. */
export async function addSamples(): Promise<void> {
  try {
    await stopLive();
    const missing = samples.filter(({ credit }) => !there(credit));
    const fetched = await Promise.all(
      missing.map(async ({ name, url, credit }) => {
        const response = await fetch(url);
        if (!response.ok)
          throw new AtrousError('not-found', `${name}: the server answers ${response.status}`);
        const blob = await response.blob();
        return { name, credit, file: new File([blob], name, { type: blob.type }) };
      }),
    );
    addPictures(fetched);
    if (missing.length === 0) selectedId.value = there(samples[0].credit)?.id;
  } catch (error) {
    sayError(error);
  }
}
