import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { whyNoFilm } from '../engine/film.ts';
import { stopLive } from '../engine/live.ts';
import { startRecording, stopRecording } from '../engine/record.ts';
import { saveVideo, stopSaving } from '../engine/save_video.ts';
import { engine } from '../state/engine.ts';
import { filming } from '../state/film.ts';
import { live, liveEngine, mirrored, rate, smoothing, videoModel } from '../state/live.ts';
import { say, sayError } from '../state/messages.ts';
import { milliseconds, seconds } from './format.ts';
import { Icon } from './Icon.tsx';

/** What plays: its rate, and what can be done about it. */
export function LiveBar() {
  if (!live.value) return null;
  const { kind, video } = live.value;
  const { perSecond, latency } = rate.value;
  return (
    <fieldset class="bar-group live" aria-label="Live">
      <span class="rate">
        <b>{perSecond.toFixed(1)}</b> masks/s · {milliseconds(latency)}
      </span>
      {kind === 'video' && <VideoControls video={video} />}
      {kind === 'camera' && (
        <label class="check">
          <input
            type="checkbox"
            checked={mirrored.value}
            onChange={({ currentTarget }) => {
              mirrored.value = currentTarget.checked;
            }}
          />
          <span>Mirror</span>
        </label>
      )}
      <ModelChoice />
      <label class="check" title="The past's share of each mask: less flicker, more lag">
        <span>Smoothing</span>
        <input
          type="range"
          min={0}
          max={90}
          step={10}
          value={Math.round(smoothing.value * 100)}
          onInput={({ currentTarget }) => {
            smoothing.value = Number(currentTarget.value) / 100;
          }}
        />
      </label>
      {kind === 'video' ? <SaveVideo /> : <Record />}
      <button type="button" onClick={stopLive}>
        <Icon name="stop" /> Stop
      </button>
    </fieldset>
  );
}

/** Every frame of the file, masked, as a file. */
function SaveVideo() {
  const { kind, seconds: done = 0, length } = filming.value ?? {};
  if (kind !== 'file') {
    return (
      <button type="button" disabled={!canFilm()} title={whyNoFilm ?? hints.video} onClick={orWhy(saveVideo)}>
        <Icon name="save" /> Save video
      </button>
    );
  }
  return (
    <>
      <progress aria-label="Video written" value={length ? done : undefined} max={length} />
      <span class="time">{`${seconds(done)} / ${seconds(length ?? 0)} written`}</span>
      <button type="button" onClick={stopSaving}>
        <Icon name="close" /> Cancel
      </button>
    </>
  );
}

/** What the camera shows, masked, as a file. */
function Record() {
  const { kind, seconds: done = 0 } = filming.value ?? {};
  return kind === 'camera' ? (
    <button type="button" onClick={stopRecording}>
      <Icon name="stop" /> Stop recording · {seconds(done)}
    </button>
  ) : (
    <button
      type="button"
      disabled={!canFilm()}
      title={whyNoFilm ?? hints.camera}
      onClick={orWhy(startRecording)}
    >
      <Icon name="record" /> Record
    </button>
  );
}

const hints = {
  video: 'Every frame, masked as it is shown, with its sound, as an MP4',
  camera: 'What is shown, masks and all, as an MP4',
} as const;
const canFilm = () => !filming.value && Boolean(live.value?.result);
/** A title alone is nothing to a finger or a screen reader. */
const orWhy = (act: () => void, why = whyNoFilm) => (why ? () => say(why, 'error') : act);

/** Which of two models in use takes video. */
function ModelChoice() {
  const { beside } = engine.value ?? {};
  if (!engine.value || !beside) return null;
  return (
    <label class="check" title="The small model is there for video, which a large one may be too slow for">
      <span>Model</span>
      <select
        value={liveEngine.value?.model.id}
        onChange={({ currentTarget }) => {
          videoModel.value = currentTarget.value;
        }}
      >
        {[engine.value, beside].map(({ model: { id, title } }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

const position = signal({ time: 0, duration: 0, isPaused: true });
const events = ['timeupdate', 'play', 'pause', 'seeked', 'durationchange'] as const;

function VideoControls({ video }: { video: HTMLVideoElement }) {
  useEffect(() => {
    const read = () => {
      const { currentTime, duration, paused } = video;
      position.value = {
        time: currentTime,
        duration: Number.isFinite(duration) ? duration : 0,
        isPaused: paused,
      };
    };
    read();
    for (const name of events) video.addEventListener(name, read);
    return () => {
      for (const name of events) video.removeEventListener(name, read);
    };
  }, [video]);
  const { time, duration, isPaused } = position.value;
  return (
    <>
      <button
        type="button"
        aria-label={isPaused ? 'Play' : 'Pause'}
        onClick={() => (isPaused ? video.play().catch(sayError) : video.pause())}
      >
        <Icon name={isPaused ? 'play' : 'pause'} />
      </button>
      <input
        type="range"
        aria-label="Position in the video"
        aria-valuetext={`${seconds(time)} of ${seconds(duration)}`}
        min={0}
        max={duration || 1}
        step={0.04}
        value={time}
        onInput={({ currentTarget }) => {
          video.currentTime = Number(currentTarget.value);
        }}
      />
      <span class="time">{`${seconds(time)} / ${seconds(duration)}`}</span>
    </>
  );
}
