import { describe, expect, it } from '@jest/globals';
import { StopStack } from './stop-stack.ts';

describe('StopStack', () => {
  it('stops what was started last first', async () => {
    const stopped: string[] = [];
    const stack = new StopStack();
    stack.push('a', () => stopped.push('a'));
    stack.push('b', () => Promise.resolve(stopped.push('b')));
    await stack.unwind();
    expect(stopped).toEqual(['b', 'a']);
  });

  it('stops the rest when a part cannot be stopped, and tells of it', async () => {
    const stopped: string[] = [];
    const stack = new StopStack();
    stack.push('a', () => stopped.push('a'));
    stack.push('b', () => Promise.reject(new Error('stuck')));
    await expect(stack.unwind()).rejects.toMatchObject({ errors: [{ message: 'b could not be stopped: stuck' }] });
    expect(stopped).toEqual(['a']);
  });
});
