import { describe, expect, test, vi } from 'vitest';
import { keptFiles } from './cache.ts';

const put = async () => {};

describe('the copies of a cache', () => {
  test('that fails are none', async () => {
    const match = () => Promise.reject(new DOMException('no', 'SecurityError'));
    expect(await keptFiles({ match, put }, String).open('f')).toBeUndefined();
    const remove = vi.fn(() => Promise.reject(new Error('no')));
    await keptFiles({ match, put, delete: remove }, (file) => `/m/${file}`).drop('f');
    expect(remove).toHaveBeenCalledWith('/m/f');
  });
  test('are not waited for after an abort', async () => {
    const match = () => new Promise<never>(() => {});
    const stop = new AbortController();
    const opening = keptFiles({ match, put }, String).open('f', { signal: stop.signal });
    stop.abort('enough');
    await expect(opening).rejects.toBe('enough');
  });
  test('are checked', async () => {
    const match = async () => new Response('abc');
    const files = keptFiles({ match, put }, String);
    expect((await files.open('f'))?.size).toBe(3);
    const expected = { bytes: 4, sha256: '' };
    await expect(files.open('f', { expected })).rejects.toMatchObject({ code: 'integrity' });
  });
});
