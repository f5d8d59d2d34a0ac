import { describe, expect, it } from '@jest/globals';
import { systemClock } from './clock.ts';

describe('systemClock.sleep', () => {
  it('ends at once, with its reason, when the signal is aborted', async () => {
    const controller = new AbortController();
    const sleeping = systemClock.sleep(60_000, controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
  });

  it('does not begin when the signal is aborted already', async () => {
    await expect(systemClock.sleep(60_000, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  });
});
