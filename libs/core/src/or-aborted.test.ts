import { describe, expect, it } from '@jest/globals';
import { deferred } from './deferred.ts';
import { orAborted } from './or-aborted.ts';

describe('orAborted', () => {
  it('gives what the promise gives when it is first, with or without a signal', async () => {
    const { signal } = new AbortController();
    expect(await orAborted(Promise.resolve(1), signal)).toBe(1);
    expect(await orAborted(Promise.resolve(2), undefined)).toBe(2);
    await expect(orAborted(Promise.reject(new Error('own')), signal)).rejects.toThrow('own');
  });

  it('rejects with the reason of the signal, also of one that was aborted before', async () => {
    const controller = new AbortController();
    const waiting = orAborted(deferred().promise, controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(orAborted(Promise.resolve(1), controller.signal)).rejects.toThrow('enough');
  });
});
