import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, fastClock, harness, service, type Harness } from './testing/harness.fixture.ts';

let h: Harness | undefined;
const start = (...options: Parameters<typeof harness>): Harness => (h = harness(...options));

afterEach(async () => {
  const left = await h?.stop();
  h = undefined;
  expect(left ?? []).toEqual([]);
});

describe('from zero', () => {
  it('starts nothing for a service whose initial scale is zero until a request comes', async () => {
    const { serving, artifact, call, everStarted } = start();
    const annotations = { 'initial-scale': '0' };
    await serving.apply(service('shop', { annotations }), artifact('1'));
    expect(serving.status()[0]).toMatchObject({ state: 'zero', ready: 0, want: 0 });
    expect(everStarted).toEqual([]);
    expect((await call('shop', '/')).status).toBe(200);
    expect(serving.status()[0]).toMatchObject({ state: 'ready', ready: 1, want: 1 });
  });

  it('answers all requests that come while it starts, with one process', async () => {
    const { serving, artifact, call, everStarted } = start();
    await serving.apply(
      service('shop', { annotations: { 'initial-scale': '0' } }),
      artifact('1', { START_DELAY_MS: '200' }),
    );
    const answers = Promise.all(
      Array.from({ length: 30 }, (_, n) => call('shop', `/${n}`, { method: 'POST', body: `${n}` })),
    );
    expect(serving.status()[0]).toMatchObject({ state: 'activating', ready: 0 });
    const all = await answers;
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 200));
    expect(all.map(({ body }) => body.body)).toEqual(Array.from({ length: 30 }, (_, n) => `${n}`));
    expect(everStarted).toHaveLength(1);
  });

  it('refuses requests past the limit of what may be held', async () => {
    const { serving, artifact, call } = start({ maxHeld: 2, maxHeldBytes: 10 });
    await serving.apply(
      service('shop', { annotations: { 'initial-scale': '0' } }),
      artifact('1', { START_DELAY_MS: '200' }),
    );
    const first = call('shop', '/', { method: 'POST', body: '12345' });
    expect((await call('shop', '/', { method: 'POST', body: '123456' })).status).toBe(503);
    const second = call('shop', '/', { method: 'POST', body: '12345' });
    expect((await call('shop', '/')).status).toBe(503);
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
  });
});

describe('the autoscaler', () => {
  it('goes to as many processes as the load wants, and back to zero and up again', async () => {
    const { serving, artifact, call, running } = start({
      clock: fastClock(20),
      autoscaler: { 'scale-to-zero-grace-period': '10s' },
    });
    const annotations = { window: '6s', target: '2', 'target-utilization-percentage': '100', 'max-scale': '3' };
    await serving.apply(service('shop', { annotations }), artifact('1'));
    let isOver = false;
    const clients = Array.from({ length: 12 }, async () => {
      while (!isOver) expect((await call('shop', '/?ms=20')).status).toBe(200);
    });
    await eventually(() => serving.status()[0]?.ready === 3, 'three ready processes');
    expect(running.size).toBe(3);
    isOver = true;
    await Promise.all(clients);
    await eventually(() => serving.status()[0]?.state === 'zero', 'zero');
    await eventually(() => running.size === 0, 'no process left');
    expect(serving.status()[0]).toMatchObject({ ready: 0, want: 0 });
    expect((await call('shop', '/')).status).toBe(200);
  });

  it('keeps the last process through the window and the grace period', async () => {
    const clock = fastClock(20);
    const { serving, artifact, call, running } = start({ clock, autoscaler: { 'scale-to-zero-grace-period': '20s' } });
    await serving.apply(service('shop', { annotations: { window: '20s' } }), artifact('1'));
    const { pid } = (await call('shop', '/')).body;
    const idleSince = clock.now();
    await eventually(() => serving.status()[0]?.want === 0, 'nothing is wanted');
    const unwantedAfter = (clock.now() - idleSince) / 1_000;
    expect(unwantedAfter).toBeGreaterThanOrEqual(19);
    expect(serving.status()[0]).toMatchObject({ state: 'zero', ready: 1 });
    expect((await call('shop', '/')).body.pid).toBe(pid);
    expect(serving.status()[0]).toMatchObject({ state: 'ready', ready: 1, want: 1 });
    const idleAgainSince = clock.now();
    await eventually(() => running.size === 0, 'no process left', 15_000);
    expect((clock.now() - idleAgainSince) / 1_000).toBeGreaterThanOrEqual(39);
  });

  it('keeps min-scale', async () => {
    const clock = fastClock(100);
    const { serving, artifact } = start({ clock, autoscaler: { 'scale-to-zero-grace-period': '6s' } });
    await serving.apply(service('shop', { annotations: { window: '6s', 'min-scale': '2' } }), artifact('1'));
    expect(serving.status()[0]).toMatchObject({ ready: 2 });
    const from = clock.now();
    await eventually(() => clock.now() - from > 60_000, 'a minute');
    expect(serving.status()[0]).toMatchObject({ ready: 2, want: 2 });
  });
});

describe('containerConcurrency', () => {
  it('never gives an instance more than it takes', async () => {
    const { serving, artifact, call } = start();
    const resource = service('shop', { spec: { containerConcurrency: 1 }, annotations: { 'max-scale': '1' } });
    await serving.apply(resource, artifact('1'));
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('shop', '/?ms=20')));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(Math.max(...answers.map(({ body }) => body.most))).toBe(1);
  });

  it('holds what is past the limit until timeoutSeconds, then answers 504', async () => {
    const { serving, artifact, call } = start();
    const spec = { containerConcurrency: 1, timeoutSeconds: 1 };
    await serving.apply(service('shop', { spec, annotations: { 'max-scale': '1' } }), artifact('1'));
    const answers = await Promise.all([call('shop', '/?ms=5000'), call('shop', '/?ms=5000')]);
    expect(answers.map(({ status }) => status)).toEqual([504, 504]);
  });
});
