import { signal } from '@preact/signals';
import { keepPictures } from './keep_pictures.ts';

/** What the service worker makes possible. */
export interface Offline {
  readonly state: 'none' | 'preparing' | 'ready' | 'update';
  /** Why there is none. */
  readonly reason?: string;
}
export const offline = signal<Offline>({ state: 'none' });

/** Starts the service worker: after the first mask, so that both do not download at once. */
export async function registerServiceWorker(): Promise<void> {
  if (offline.value.state !== 'none') return;
  if (import.meta.env.DEV) {
    offline.value = { state: 'none', reason: 'not while developing' };
    return;
  }
  if (!navigator.serviceWorker) {
    offline.value = { state: 'none', reason: 'a page works offline only on https or localhost' };
    return;
  }
  try {
    offline.value = { state: 'preparing' };
    const registration = await navigator.serviceWorker.register('service_worker.js', {
      updateViaCache: 'none',
    });
    const follow = (worker: ServiceWorker | null) =>
      worker?.addEventListener('statechange', () => {
        if (worker.state === 'installed' && navigator.serviceWorker.controller)
          offline.value = { state: 'update' };
        if (worker.state === 'redundant' && !registration.active) {
          offline.value = { state: 'none', reason: 'the files could not be kept: no network, or no room' };
        }
      });
    follow(registration.installing);
    registration.addEventListener('updatefound', () => follow(registration.installing));
    await navigator.serviceWorker.ready;
    offline.value = { state: registration.waiting ? 'update' : 'ready' };
  } catch (error) {
    offline.value = { state: 'none', reason: String(error) };
  }
}

/** Reloads with the newer version, when its visitor has agreed. */
export async function takeUpdate(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  await keepPictures();
  if (!registration?.waiting) return location.reload();
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  registration.waiting.postMessage('take over');
}

/** Reloads for threads, when its visitor has agreed. */
export async function reloadForThreads(): Promise<void> {
  await keepPictures();
  location.reload();
}

/** Whether a reload would bring threads: the service worker is in charge, and adds the headers. */
export const canIsolate = (): boolean => !globalThis.crossOriginIsolated && offline.value.state === 'ready';
