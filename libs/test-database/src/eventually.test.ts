import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.ts';

describe('eventually', () => {
  it('resolves to what the check returns once it holds', async () => {
    let tries = 0;
    const check = () => {
      tries += 1;
      if (tries === 1) throw new Error('not yet');
      return tries > 3 && `after ${tries}`;
    };
    expect(await eventually(check, { intervalMs: 1 })).toBe('after 4');
  });

  it('takes null, zero and the empty text for answers', async () => {
    expect(await eventually(() => null)).toBeNull();
    expect(await eventually(() => 0)).toBe(0);
    expect(await eventually(() => '')).toBe('');
  });

  it('gives up with what went wrong last', async () => {
    const check = () => Promise.reject(new Error('still not'));
    await expect(eventually(check, { timeoutMs: 20, intervalMs: 1 })).rejects.toThrow('still not');
    await expect(eventually(() => false, { timeoutMs: 20, intervalMs: 1 })).rejects.toThrow(/within 20 ms/);
  });

  it('ends when the check itself does not', async () => {
    const never = new Promise<true>(() => undefined);
    await expect(eventually(() => never, { timeoutMs: 10 })).rejects.toThrow('did not come to an end');
  });
});
