import { signal } from '@preact/signals';
import { type Format, formats } from '../formats.ts';
import { liveId, shown } from '../state/live.ts';
import { look, shownClasses } from '../state/look.ts';
import { say, sayError } from '../state/messages.ts';
import { type Picture, pictures } from '../state/pictures.ts';
import { painter } from './painter.ts';

/** The format that is being written. */
export const saving = signal<Format | undefined>();

/** The file of what is shown. */
async function write(format: Format, { id, name }: Pick<Picture, 'id' | 'name'>): Promise<File> {
  const blob = await painter.export(format, id, name, [...shownClasses.value], look.value);
  const { suffix, type } = formats[format];
  const stem = name.replace(/\.[^.]+$/, '');
  return new File([blob], `${id === liveId ? `${stem}-frame` : stem}${suffix}`, { type });
}

async function busy(format: Format, work: () => Promise<void>): Promise<void> {
  saving.value = format;
  try {
    await work();
  } catch (error) {
    sayError(error);
  } finally {
    saving.value = undefined;
  }
}

/** Saves what is shown as a file. */
export const save = (format: Format): Promise<void> =>
  busy(format, async () => {
    if (shown.value) download(await write(format, shown.value));
  });

/** Saves every picture of the film strip that has a mask: into a folder where the browser may, else file by file. */
export const saveAll = (format: Format): Promise<void> =>
  busy(format, async () => {
    const folder = await chooseFolder();
    if (folder === 'given up') return;
    const names = new Set<string>();
    for (const { id } of pictures.value) {
      const picture = pictures.value.find((each) => each.id === id); // it may have been removed meanwhile
      if (!picture?.result) continue;
      const file = await write(format, picture);
      const name = unusedName(file.name, names);
      names.add(name);
      if (folder) await writeInto(folder, name, file);
      else download(file, name);
    }
    say(`${names.size} files saved`);
  });

/** `a.mask.png`, `a-2.mask.png`, …: pictures may be called the same. */
function unusedName(name: string, used: ReadonlySet<string>): string {
  for (let count = 2, free = name; ; count++) {
    if (!used.has(free)) return free;
    free = name.replace(/(?=\.)|$/, `-${count}`);
  }
}

async function writeInto(folder: FileSystemDirectoryHandle, name: string, file: Blob): Promise<void> {
  const handle = await folder.getFileHandle(name, { create: true });
  const stream = await handle.createWritable();
  await stream.write(file);
  await stream.close();
}

interface FolderPicker {
  showDirectoryPicker?(options: { mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
}

async function chooseFolder(): Promise<FileSystemDirectoryHandle | 'given up' | undefined> {
  try {
    return await (globalThis as FolderPicker).showDirectoryPicker?.({ mode: 'readwrite' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return 'given up';
    throw error;
  }
}

/** Hands a file to the visitor. */
export function download(file: File, name: string = file.name): void {
  const url = URL.createObjectURL(file);
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Copies what is shown: a picture as a picture, data as text. */
export const copy = (format: Format): Promise<void> =>
  busy(format, async () => {
    const picture = shown.value;
    if (!picture) return;
    const file = write(format, picture);
    const isImage = formats[format].type === 'image/png';
    // the promise goes in as it is: Safari wants the call within the click
    const item = isImage
      ? new ClipboardItem({ 'image/png': file })
      : new ClipboardItem({ 'text/plain': file.then((made) => new Blob([made], { type: 'text/plain' })) });
    await navigator.clipboard.write([item]);
    say(`${formats[format].title} copied`);
  });
