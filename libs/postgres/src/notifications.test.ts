import { describe, expect, it } from '@jest/globals';
import { deferred } from '@ebb/core';
import { Notifications } from './notifications.ts';

describe('notifications', () => {
  it('go out at once, and those of the same moment together', async () => {
    const sent: string[] = [];
    const notifications = new Notifications((payload) => Promise.resolve(sent.push(payload)));
    for (let n = 0; n < 10; n += 1) notifications.notify('a');
    notifications.notify('b');
    await notifications.close();
    expect(sent.sort()).toEqual(['a', 'b']);
  });

  it('tell again of what happened while one was on the way', async () => {
    const [first, started] = [deferred(), deferred()];
    let sent = 0;
    const notifications = new Notifications(() => {
      sent += 1;
      started.resolve();
      return sent === 1 ? first.promise : Promise.resolve();
    });
    notifications.notify('a');
    await started.promise;
    notifications.notify('a');
    notifications.notify('a');
    first.resolve();
    await notifications.close();
    expect(sent).toBe(2);
  });

  it('are dropped when they cannot be sent', async () => {
    let sent = 0;
    const notifications = new Notifications(() => Promise.reject(new Error(`down ${(sent += 1)}`)));
    notifications.notify('a');
    await notifications.close();
    expect(sent).toBe(1);
  });
});
