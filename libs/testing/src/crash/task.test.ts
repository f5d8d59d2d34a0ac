import { describe, expect, it } from '@jest/globals';
import { Secret } from '@ebb/core';
import { configEntries, configOf } from './task.ts';

describe('settings on their way to a process', () => {
  it('arrive, also those that do not show themselves', () => {
    const config = { NAME: 'box', LIMIT: 7, TOKEN: new Secret('hush'), NONE: undefined };
    const sent = JSON.parse(JSON.stringify(configEntries(config))) as ReturnType<typeof configEntries>;
    const { TOKEN, ...plain } = configOf(sent);
    expect((TOKEN as Secret).reveal()).toBe('hush');
    expect(plain).toMatchObject({ NAME: 'box', LIMIT: 7 });
  });
});
