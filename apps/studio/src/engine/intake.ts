import { AtrousError } from '@atrous/tensor';
import { say, sayError } from '../state/messages.ts';
import { chooseEngine } from './choose.ts';
import { startVideo, stopLive } from './live.ts';
import { hasModel, isHidden, modelOfFiles } from './model_files.ts';
import { addPictures } from './queue.ts';

const pictureName = /\.(jpe?g|png|webp|gif|bmp|avif|hei[cf]|tiff?|svg)$/i;
const videoName = /\.(mp4|m4v|webm|mov|ogv|mkv)$/i;
const isVideo = ({ type, name }: File) => type.startsWith('video/') || videoName.test(name);
const isPicture = ({ type, name }: File) => type.startsWith('image/') || pictureName.test(name);

/** Takes what somebody dropped, pasted or chose: a model, a video, or pictures; a model first where there are several. */
export async function takeFiles(files: readonly File[]): Promise<void> {
  try {
    const pictures = files.filter(isPicture);
    const videos = files.filter(isVideo);
    const others = files.filter((file) => !isPicture(file) && !isVideo(file) && !isHidden(file));
    const isAlone = pictures.length + videos.length === 0;
    const isModel = hasModel(others) || (others.length > 0 && isAlone); // a model may have any name
    if (isAlone && !isModel) {
      throw new AtrousError('input', "expected pictures, a video or a model's files, got nothing");
    }
    if (others.length > 0 && !isAlone) {
      const opened = namesOf([...pictures, ...videos]);
      const what = isModel ? 'loading it as a model' : 'neither a picture nor a model, left out';
      const text = `${namesOf(others)}: ${what}; ${opened}: ${isModel ? 'opened after that' : 'opened'}`;
      say(text, isModel ? 'note' : 'error'); // what was left out is said until it was read
    }
    if (isModel) await chooseEngine(modelOfFiles(others));
    if (pictures.length > 0) {
      await stopLive();
      addPictures(pictures.map((file) => ({ name: file.name, file })));
      if (videos.length > 0)
        say(`${namesOf(videos)}: left out; open a video alone, without pictures`, 'error');
      return;
    }
    if (videos.length > 0) await startVideo(videos[0]);
  } catch (error) {
    sayError(error);
  }
}

/** The first of several files, and how many more there are. */
const namesOf = ([first, ...others]: readonly File[]): string =>
  others.length > 0 ? `${first.name} and ${others.length} more` : first.name;

/** All files of a drop, those in folders too. */
export async function filesOf({ items, files }: DataTransfer): Promise<File[]> {
  // entries must be taken before the first await: the list is empty afterwards
  const entries = [...items].flatMap((item) => (item.kind === 'file' && item.webkitGetAsEntry()) || []);
  if (entries.length === 0) return [...files];
  return (await Promise.all(entries.map(filesIn))).flat();
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [isPicture(file) || isVideo(file) ? file : inFolder(file, entry.fullPath.slice(1))];
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

/** Files of a model in several folders are told apart, and found, by their paths. */
const inFolder = (file: File, path: string): File =>
  path === file.name ? file : new File([file], path, { type: file.type, lastModified: file.lastModified });
