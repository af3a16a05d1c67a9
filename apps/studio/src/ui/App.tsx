import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { filesOf, takeFiles } from '../engine/intake.ts';
import { engine } from '../state/engine.ts';
import { say, sayError } from '../state/messages.ts';
import { ClassesPanel } from './ClassesPanel.tsx';
import { Drawer } from './Drawer.tsx';
import { FilmStrip } from './FilmStrip.tsx';
import { Header } from './Header.tsx';
import { LookPanel } from './LookPanel.tsx';
import { MaskModel } from './MaskModel.tsx';
import { LoadingBar, ModelPanel } from './ModelPanel.tsx';
import { SavePanel } from './SavePanel.tsx';
import { Stage } from './Stage.tsx';

/** Whether files are held over the page. */
const isDragging = signal(false);

const hasFiles = (event: DragEvent) => Boolean(event.dataTransfer?.types.includes('Files'));

/** Whether text is dragged to where it can be written: a model's URL. */
const isIntoField = (event: DragEvent) => !hasFiles(event) && event.target instanceof HTMLInputElement;

/** Files that are dropped anywhere, or pasted. */
function followFiles(): () => void {
  const end = new AbortController();
  const { signal: whileHere } = end;
  addEventListener(
    'dragover',
    (event) => {
      if (isIntoField(event)) return;
      event.preventDefault(); // a link that is dropped would take the page away
      isDragging.value = hasFiles(event);
    },
    { signal: whileHere },
  );
  addEventListener(
    'dragleave',
    ({ relatedTarget }) => {
      if (!relatedTarget) isDragging.value = false;
    },
    { signal: whileHere },
  );
  addEventListener(
    'drop',
    (event) => {
      isDragging.value = false;
      if (isIntoField(event)) return;
      event.preventDefault();
      if (!event.dataTransfer || !hasFiles(event)) return say('drop files: links and text are not opened');
      filesOf(event.dataTransfer).then(takeFiles).catch(sayError);
    },
    { signal: whileHere },
  );
  addEventListener(
    'paste',
    ({ clipboardData }) => {
      const files = [...(clipboardData?.files ?? [])];
      if (files.length > 0) takeFiles(files);
    },
    { signal: whileHere },
  );
  return () => end.abort();
}

export function App() {
  useEffect(followFiles, []);
  return (
    <>
      <Header />
      <main>
        <div class="desk">
          <div class="work">
            {!engine.value && <LoadingBar />}
            <Stage />
            <MaskModel />
            <FilmStrip />
          </div>
          <aside aria-label="Mask">
            <LookPanel />
            <ClassesPanel />
            <SavePanel />
            <ModelPanel />
          </aside>
        </div>
        <Drawer />
      </main>
      {isDragging.value && <div class="drop">Drop pictures, a video, or a model's files</div>}
    </>
  );
}
