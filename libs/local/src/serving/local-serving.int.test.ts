import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, fastClock, harness, service, worker, type Harness } from './testing/harness.fixture.ts';

let h: Harness | undefined;
const start = (...options: Parameters<typeof harness>): Harness => (h = harness(...options));

afterEach(async () => {
  const left = await h?.stop();
  h = undefined;
  expect(left ?? []).toEqual([]);
});

describe('apply', () => {
  it('resolves when the first revision is ready, and tells how long the start took', async () => {
    const { serving, artifact, call } = start({ urlOf: (name) => `http://${name}.localhost:8080` });
    await serving.apply(service('shop'), artifact('1'));
    const [status] = serving.status();
    expect(status).toMatchObject({
      ...{ name: 'shop', kind: 'service', state: 'ready', ready: 1, want: 1, revision: 'shop-00001' },
      ...{ url: 'http://shop.localhost:8080', panicking: false },
    });
    expect(status?.lastColdStartMs).toBeGreaterThan(10);
    expect(status).not.toHaveProperty('lastError');
    expect((await call('shop', '/')).body).toMatchObject({ service: 'shop', revision: 'shop-00001' });
  });

  it('changes nothing when template and artifact are the same', async () => {
    const { serving, artifact, everStarted } = start();
    await serving.apply(service('shop'), artifact('1'));
    await serving.apply(service('shop'), artifact('1'));
    expect(everStarted).toHaveLength(1);
    expect(serving.status()[0]?.revision).toBe('shop-00001');
  });

  it('gives processes a clean environment', async () => {
    const { serving, artifact } = start({
      environment: { ...process.env, TZ: 'UTC', NODE_EXTRA_CA_CERTS: '/nowhere', SECRET: 'x' },
    });
    const resource = service('shop', {
      spec: { containers: [{ image: 'x', env: [{ name: 'FROM_TEMPLATE', value: 't' }] }] },
    });
    await serving.apply(resource, artifact('1', { FROM_ARTIFACT: 'a' }));
    const answer = await serving.request('shop', { method: 'GET', path: '/env', headers: {}, timeoutMs: 5_000 });
    const env = JSON.parse(answer.body.toString()) as Record<string, string>;
    expect(env).toMatchObject({
      ...{ FROM_TEMPLATE: 't', FROM_ARTIFACT: 'a', TZ: 'UTC' },
      ...{ K_SERVICE: 'shop', K_CONFIGURATION: 'shop', K_REVISION: 'shop-00001' },
    });
    expect(Number(env.PORT)).toBeGreaterThan(1_024);
    expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['NODE_EXTRA_CA_CERTS']));
    expect(env).not.toHaveProperty('SECRET');
  });

  it('rejects with the reason when the only revision cannot start, answers 503 with it, and serves once it can', async () => {
    const { serving, artifact, call, folder } = start();
    const { writeFileSync } = await import('node:fs');
    const flag = `${folder}/flag`;
    await expect(serving.apply(service('shop'), artifact('1', { FAIL_UNLESS: flag }))).rejects.toThrow(
      /revision shop-00001 cannot start: exited with code 3\nno database here/,
    );
    expect(serving.status()[0]).toMatchObject({ state: 'failing', ready: 0 });
    const refused = await call('shop', '/');
    expect(refused.status).toBe(503);
    expect(refused.body.detail).toContain('no database here');
    writeFileSync(flag, '');
    await eventually(() => serving.status()[0]?.state === 'ready', 'the restart after the back-off');
    expect((await call('shop', '/')).status).toBe(200);
    expect(serving.status()[0]).toMatchObject({ state: 'ready', ready: 1 });
  });

  it('refuses a resource that cannot be served, and knows no such service then', async () => {
    const { serving, artifact } = start();
    const annotations = { 'min-scale': 'many' };
    await expect(serving.apply(service('shop', { annotations }), artifact('1'))).rejects.toThrow(/min-scale/);
    expect([serving.has('shop'), serving.status()]).toEqual([false, []]);
  });

  it('goes on serving the old revision when the new one cannot start', async () => {
    const { serving, artifact, call } = start();
    await serving.apply(service('shop'), artifact('1'));
    await expect(serving.apply(service('shop'), artifact('2', { FAIL: '1' }))).rejects.toThrow(
      /shop-00002 cannot start/,
    );
    expect((await call('shop', '/')).body.revision).toBe('shop-00001');
    expect(serving.status()[0]).toMatchObject({ state: 'ready', revision: 'shop-00001', ready: 1 });
    expect(serving.status()[0]?.lastError).toContain('no database here');
    await serving.apply(service('shop'), artifact('3'));
    expect((await call('shop', '/')).body.revision).toBe('shop-00003');
    expect(serving.status()[0]).not.toHaveProperty('lastError');
  });

  it('gives up a start when a newer artifact comes', async () => {
    const { serving, artifact, call } = start();
    await serving.apply(service('shop'), artifact('1'));
    const stuck = serving.apply(service('shop'), artifact('2', { START_DELAY_MS: '60000' }));
    const newer = serving.apply(service('shop'), artifact('3'));
    await expect(stuck).rejects.toThrow(/shop-00002 was replaced by shop-00003/);
    await newer;
    expect((await call('shop', '/')).body.revision).toBe('shop-00003');
  });

  it('says which program cannot be run', async () => {
    const { serving, artifact } = start();
    const missing = { ...artifact('1'), command: ['no-such-program'] };
    await expect(serving.apply(service('shop'), missing)).rejects.toThrow(/cannot run no-such-program .*ENOENT/);
  });

  it('gives up after the progress deadline', async () => {
    const { serving, artifact } = start();
    const resource = service('shop', { annotations: { 'serving.knative.dev/progress-deadline': '300ms' } });
    await expect(serving.apply(resource, artifact('1', { START_DELAY_MS: '60000' }))).rejects.toThrow(
      /was not ready within 300 ms/,
    );
  });

  it('waits for the readiness path of the template', async () => {
    const { serving, artifact, call } = start();
    const probe = { httpGet: { path: '/healthz/ready?ms=50' } };
    await serving.apply(
      service('shop', { spec: { containers: [{ image: 'x', readinessProbe: probe }] } }),
      artifact('1'),
    );
    expect((await call('shop', '/')).status).toBe(200);
  });

  it('routes by percentages and tags', async () => {
    const { serving, artifact, call } = start();
    await serving.apply(service('shop'), artifact('1'));
    const pinned = service('shop', {
      traffic: [
        { revisionName: 'shop-00001', percent: 100 },
        { latestRevision: true, percent: 0, tag: 'next' },
      ],
    });
    await serving.apply(pinned, artifact('2'));
    expect((await call('shop', '/')).body.revision).toBe('shop-00001');
    expect(serving.has('next-shop')).toBe(true);
    expect((await call('next-shop', '/')).body.revision).toBe('shop-00002');
    await serving.apply(service('shop'), artifact('2'));
    expect((await call('shop', '/')).body.revision).toBe('shop-00002');
    expect(serving.has('next-shop')).toBe(false);
    const lost = service('shop', { traffic: [{ revisionName: 'shop-00009', percent: 100 }] });
    await expect(serving.apply(lost, artifact('2'))).rejects.toThrow(/traffic names revision shop-00009/);
  });
});

describe('a switch of revisions', () => {
  it('loses no request under load', async () => {
    const { serving, artifact, call, running } = start();
    await serving.apply(service('shop'), artifact('1'));
    let isOver = false;
    const seen = new Map<string, number>();
    const failed: number[] = [];
    const client = async (): Promise<void> => {
      while (!isOver) {
        const { status, body } = await call('shop', '/?ms=20', { method: 'POST', body: 'x' });
        if (status !== 200) failed.push(status);
        seen.set(body.revision, (seen.get(body.revision) ?? 0) + 1);
      }
    };
    const clients = Array.from({ length: 10 }, client);
    for (const hash of ['2', '3', '4']) await serving.apply(service('shop'), artifact(hash));
    await eventually(() => (seen.get('shop-00004') ?? 0) > 20, 'requests at the newest revision');
    isOver = true;
    await Promise.all(clients);
    expect(failed).toEqual([]);
    expect([...seen.keys()].sort()).toEqual(expect.arrayContaining(['shop-00001', 'shop-00004']));
    await eventually(() => running.size === 1, 'the old revisions are gone');
  });

  it('takes along the requests that waited for the old revision', async () => {
    const { serving, artifact, call } = start();
    const first = serving.apply(service('shop'), artifact('1', { START_DELAY_MS: '60000' }));
    const held = Promise.all([call('shop', '/'), call('shop', '/')]);
    await serving.apply(service('shop'), artifact('2'));
    await expect(first).rejects.toThrow(/was replaced by shop-00002/);
    expect((await held).map(({ body }) => body.revision)).toEqual(['shop-00002', 'shop-00002']);
  });

  it('starts the new revision once although the old one was at zero, and lets it go to zero', async () => {
    const { serving, artifact, running } = start({
      clock: fastClock(100),
      autoscaler: { 'scale-to-zero-grace-period': '6s' },
    });
    const resource = service('shop', { annotations: { window: '6s' } });
    await serving.apply(resource, artifact('1'));
    await eventually(() => running.size === 0, 'zero');
    await serving.apply(resource, artifact('2'));
    expect(serving.status()[0]).toMatchObject({ state: 'ready', revision: 'shop-00002', ready: 1 });
    await eventually(() => running.size === 0, 'zero again');
    expect(serving.status()[0]).toMatchObject({ state: 'zero', revision: 'shop-00002' });
  });

  it('lets a request in flight finish before the old process ends', async () => {
    const { serving, artifact, call, running, everStarted } = start();
    await serving.apply(service('shop'), artifact('1'));
    const slow = call('shop', '/?ms=700');
    await eventually(() => serving.status()[0]?.ready === 1, 'ready');
    await serving.apply(service('shop'), artifact('2'));
    expect(running.has(everStarted[0]!)).toBe(true);
    expect((await slow).body).toMatchObject({ revision: 'shop-00001', pid: everStarted[0] });
    await eventually(() => !running.has(everStarted[0]!), 'the old process ends');
  });
});

describe('workers', () => {
  it('keeps its replicas alive', async () => {
    const { serving, artifact, running } = start();
    await serving.apply(worker('relay', 2), artifact('1'));
    expect(serving.status()[0]).toMatchObject({ kind: 'worker', state: 'ready', ready: 2, want: 2 });
    const [victim] = running.keys();
    process.kill(victim!, 'SIGKILL');
    await eventually(() => !running.has(victim!) && serving.status()[0]?.ready === 2, 'a replacement');
    await serving.apply(worker('relay', 1), artifact('1'));
    await eventually(() => running.size === 1, 'one is ended');
    await serving.remove('relay');
    expect(running.size).toBe(0);
    expect(serving.has('relay')).toBe(false);
  });
});
