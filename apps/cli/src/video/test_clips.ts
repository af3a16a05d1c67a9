import { execFileSync } from 'node:child_process';

/** What of these an ffmpeg lacks; undefined where it is not installed. */
export function missingEncoders(...names: string[]): string[] | undefined {
  try {
    execFileSync('ffprobe', ['-version'], { stdio: 'ignore' });
    const encoders = execFileSync('ffmpeg', ['-hide_banner', '-encoders'], { encoding: 'utf8' });
    return names.filter((name) => !encoders.includes(` ${name} `));
  } catch {
    return undefined;
  }
}

/** Why there are no videos to test with; undefined where ffmpeg and the encoders are there. */
export function whyNoVideo(...encoders: string[]): string | undefined {
  const needed = encoders.length > 0 ? encoders : ['libx264', 'aac', 'libvpx-vp9', 'libopus', 'ffv1'];
  const missing = missingEncoders(...needed);
  if (!missing) return 'ffmpeg is not installed';
  return missing.length > 0 ? `ffmpeg has no encoder ${missing.join(', ')}` : undefined;
}

export const ffmpeg = (...args: string[]): void => {
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
};

const ffprobe = (...args: string[]): string =>
  execFileSync('ffprobe', ['-v', 'error', ...args], { encoding: 'utf8' }).trim();

export interface ClipOptions {
  readonly seconds: number;
  readonly size?: string;
  readonly rate?: string;
  /** Whether frames are left out here and there. */
  readonly variable?: boolean;
  readonly more?: readonly string[];
}

/** Moving squares with a tone. */
export function makeClip(
  path: string,
  { seconds, size = '96x54', rate = '30000/1001', variable, more = [] }: ClipOptions,
): void {
  const leaveOut = "select='not(eq(mod(n,5),2))*not(eq(mod(n,7),3))'";
  ffmpeg(
    ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}`],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440', '-t', String(seconds)],
    ...(variable ? ['-vf', leaveOut, '-fps_mode', 'vfr'] : []),
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', ...more, path],
  );
}

/** What two videos have to have in common. */
export interface ClipFacts {
  readonly seconds: number;
  /** When each frame is shown. */
  readonly frames: readonly number[];
  /** Time, length, size and digest of each packet. */
  readonly sound: readonly string[];
}

const lines = (text: string): string[] => text.split('\n').filter(Boolean);

export function factsOf(path: string): ClipFacts {
  const entries = (kind: string, ...wanted: string[]) =>
    lines(ffprobe('-select_streams', kind, '-of', 'csv=p=0', ...wanted, path));
  const packets = ['-show_entries', 'packet=pts_time,duration_time,size,data_hash', '-show_data_hash', 'md5'];
  return {
    seconds: Number(entries('v', '-show_entries', 'format=duration')),
    frames: entries('v', '-show_entries', 'frame=pts_time').map(Number.parseFloat),
    sound: entries('a', ...packets),
  };
}

/** An entry of the first video stream. */
export const videoEntry = (path: string, name: string): string =>
  ffprobe('-select_streams', 'v:0', '-show_entries', `stream=${name}`, '-of', 'csv=p=0', path);

/** The codec of the sound; empty where there is none. */
export const soundCodec = (path: string): string =>
  ffprobe('-select_streams', 'a:0', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0', path);

/** The bytes of all frames, decoded. */
export const rawFrames = (path: string, format: string, ...before: string[]): Buffer =>
  execFileSync(
    'ffmpeg',
    [
      '-v',
      'error',
      '-nostdin',
      ...before,
      '-i',
      path,
      '-fps_mode',
      'passthrough',
      '-f',
      'rawvideo',
      '-pix_fmt',
      format,
      'pipe:1',
    ],
    { maxBuffer: 1 << 28 },
  );
