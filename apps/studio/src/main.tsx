import { computed } from '@preact/signals';
import { render } from 'preact';
import { chooseEngine } from './engine/load.ts';
import { shipped } from './engine/models.ts';
import { addPictures } from './engine/queue.ts';
import { addSamples } from './engine/samples.ts';
import { takeKeptPictures } from './offline/keep_pictures.ts';
import { registerServiceWorker } from './offline/registration.ts';
import { sayError } from './state/messages.ts';
import { pictures } from './state/pictures.ts';
import { App } from './ui/App.tsx';
import './styles/index.css';

render(<App />, document.getElementById('app')!);

// Nobody sees an empty page: what was open before a reload for threads, else the samples.
const firstPictures = async () => {
  const kept = await takeKeptPictures();
  if (kept.length > 0) addPictures(kept);
  else await addSamples();
};
firstPictures().catch(sayError);
chooseEngine(shipped[0], 'auto');

// The first mask comes first: the service worker downloads what the page has, once more.
const isDone = computed(() => pictures.value.some(({ state }) => state === 'done' || state === 'failed'));
isDone.subscribe((done) => {
  if (done) registerServiceWorker();
});
