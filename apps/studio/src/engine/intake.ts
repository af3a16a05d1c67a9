import { AtrousError } from '@atrous/tensor';
import { say, sayError } from '../state/messages.ts';
import { startVideo, stopLive } from './live.ts';
import { chooseEngine } from './load.ts';
import { hasModel, modelOfFiles } from './models.ts';
import { addPictures } from './queue.ts';

const pictureName = /\.(jpe?g|png|webp|gif|bmp|avif|hei[cf]|tiff?|svg)$/i;
const videoName = /\.(mp4|m4v|webm|mov|ogv|mkv)$/i;
const isVideo = ({ type, name }: File) => type.startsWith('video/') || videoName.test(name);
const isPicture = ({ type, name }: File) => type.startsWith('image/') || pictureName.test(name);

/** Takes what somebody dropped, pasted or chose: a model, a video, or pictures. */
export async function takeFiles(files: readonly File[]): Promise<void> {
  try {
    if (hasModel(files)) await chooseEngine(modelOfFiles(files));
    const pictures = files.filter(isPicture);
    const videos = files.filter(isVideo);
    if (pictures.length > 0) {
      await stopLive();
      addPictures(pictures.map((file) => ({ name: file.name, file })));
      if (videos.length > 0) say(`${videos[0].name}: open a video alone, without pictures`);
      return;
    }
    if (videos.length > 0) return await startVideo(videos[0]);
    if (hasModel(files)) return;
    const names = files.map(({ name }) => name).join(', ') || 'nothing';
    throw new AtrousError('input', `expected pictures, a video or a model's files, got ${names}`);
  } catch (error) {
    sayError(error);
  }
}

/** All files of a drop, those in folders too. */
export async function filesOf({ items, files }: DataTransfer): Promise<File[]> {
  // entries must be taken before the first await: the list is empty afterwards
  const entries = [...items].flatMap((item) => (item.kind === 'file' && item.webkitGetAsEntry()) || []);
  if (entries.length === 0) return [...files];
  return (await Promise.all(entries.map(filesIn))).flat();
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [
      await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    ];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) break; // a reader gives a hundred at a time
    all.push(...some);
  }
  return (await Promise.all(all.map(filesIn))).flat();
}
