import { render } from 'preact';
import { startEngine } from './engine/choose.ts';
import { addPictures } from './engine/queue.ts';
import { addSamples } from './engine/samples.ts';
import { takeKeptPictures } from './offline/keep_pictures.ts';
import { registerServiceWorker } from './offline/registration.ts';
import { sayError } from './state/messages.ts';
import { hasFirst } from './state/pictures.ts';
import { keepSettings } from './state/settings.ts';
import { App } from './ui/App.tsx';
import './styles/index.css';

const kept = keepSettings();
render(<App />, document.getElementById('app')!);

// Nobody sees an empty page: what was open before a reload for threads, else the samples.
const firstPictures = async () => {
  const kept = await takeKeptPictures();
  if (kept.length > 0) addPictures(kept);
  else await addSamples();
};
firstPictures().catch(sayError);
startEngine(kept);

// The first mask comes first: the service worker downloads what the page has, once more.
hasFirst.subscribe((isThere) => {
  if (isThere) registerServiceWorker();
});
