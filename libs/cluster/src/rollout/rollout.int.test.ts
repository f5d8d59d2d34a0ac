import type { Clock } from '@ebb/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { swiftClock } from '../clock.fixture.ts';
import { installation, type Installation } from '../installation.fixture.ts';
import { knativeService, NAMESPACE, pod, revision } from '../resources.fixture.ts';
import type { KnativeService } from '../resources/resources.ts';
import { canary, type CanaryOptions, type CanaryProgress } from './canary.ts';
import { heldServices, holdTraffic } from './hold.ts';
import { rollback } from './rollback.ts';
import { FOLLOW_LATEST, setTraffic } from './traffic.ts';

let ebb: Installation;

beforeEach(async () => {
  ebb = await installation();
});
afterEach(async () => {
  await ebb.stop();
});

const split = () => ({ api: ebb.cluster.api, namespace: NAMESPACE, clock: swiftClock() });

function trafficOf(service: string): unknown {
  return (ebb.server.find('Service', service)?.spec as { traffic?: unknown }).traffic;
}

describe('a rollback', () => {
  it('sends all requests to the revision before', async () => {
    const result = await rollback({ ...split(), service: 'orders' });
    expect(result).toEqual({
      service: 'orders',
      before: [{ revision: 'orders-00002', percent: 100 }],
      traffic: [{ revision: 'orders-00001', percent: 100 }],
      followsLatest: false,
    });
    expect(trafficOf('orders')).toEqual([{ revisionName: 'orders-00001', latestRevision: false, percent: 100 }]);
  });

  it('sends a share of them, and goes back to following the latest', async () => {
    const { traffic } = await rollback({ ...split(), service: 'orders', to: 'orders-00001', percent: 30 });
    expect(traffic).toEqual([
      { revision: 'orders-00002', percent: 70 },
      { revision: 'orders-00001', percent: 30 },
    ]);
    expect(await heldServices(split())).toEqual(['orders']);
    const latest = await rollback({ ...split(), service: 'orders', to: 'latest' });
    expect(latest).toMatchObject({ traffic: [{ revision: 'orders-00002', percent: 100 }], followsLatest: true });
    expect(await heldServices(split())).toEqual([]);
  });

  it('leaves the tags of others where they are', async () => {
    const orders = ebb.server.find('Service', 'orders');
    Object.assign(orders ?? {}, {
      spec: {
        traffic: [
          { latestRevision: true, percent: 100 },
          { revisionName: 'orders-00001', tag: 'old', percent: 0 },
        ],
      },
    });
    await rollback({ ...split(), service: 'orders' });
    expect(trafficOf('orders')).toContainEqual({ revisionName: 'orders-00001', tag: 'old', percent: 0 });
  });

  it.each([
    ['order', undefined, 'there is no Knative Service "order" in namespace "ebb" (there are: orders)'],
    ['orders', 'orders-9', 'orders has no revision "orders-9" (there are: orders-00002, orders-00001)'],
  ])('of %s to %s is refused', async (service, to, message) => {
    await expect(rollback({ ...split(), service, ...(to !== undefined && { to }) })).rejects.toThrow(message);
    expect(ebb.server.calls.some(({ verb }) => verb === 'patch')).toBe(false);
  });

  it('does not go to a revision that is not ready, nor before the first', async () => {
    ebb.server.remove('Revision', 'orders-00001');
    await expect(rollback({ ...split(), service: 'orders' })).rejects.toThrow(
      'orders has no ready revision before orders-00002',
    );
    ebb.server.add(revision('orders', 1, { failing: { reason: 'ImagePull', message: 'gone' } }));
    await expect(rollback({ ...split(), service: 'orders', to: 'orders-00001' })).rejects.toThrow(
      'revision orders-00001 is not ready for requests: ImagePull: gone',
    );
  });

  it('says when the route does not follow, and when somebody else was quicker', async () => {
    const { server } = ebb;
    const reconcile = server.onChange.bind(server);
    server.onChange = () => undefined;
    await expect(rollback({ ...split(), service: 'orders' })).rejects.toThrow(
      'requests to orders are not split as asked for: its controller has not seen it yet',
    );
    server.onChange = reconcile;
    const stale = { ...knativeService('orders', 'orders-00002'), spec: {} } as unknown as KnativeService;
    await expect(setTraffic(stale, FOLLOW_LATEST, split())).rejects.toThrow(/\(409\): the object has been modified/);
  });
});

describe('holding requests', () => {
  it('keeps them where they are whatever is deployed next', async () => {
    expect(await holdTraffic(split())).toEqual(['orders']);
    expect(trafficOf('orders')).toEqual([{ revisionName: 'orders-00002', latestRevision: false, percent: 100 }]);
    expect(await holdTraffic(split())).toEqual([]);
  });
});

describe('a canary', () => {
  const steps: CanaryProgress[] = [];
  const options = (): CanaryOptions => ({
    ...split(),
    service: 'orders',
    to: 'latest',
    steps: [10, 50, 100],
    stepMs: 10_000,
    maxErrors: 0.01,
    jaeger: ebb.cluster.jaeger,
    relay: ebb.cluster.relay,
    onProgress: (progress) => steps.push(progress),
  });
  const spans = (count: number, failed: number) =>
    Array.from({ length: count }, (_, n) => ({
      spanID: (n + 1).toString(16).padStart(16, '0'),
      instance: 'orders-00002@pod:1',
      failed: n < failed,
    }));

  /** The one before has all requests. */
  beforeEach(async () => {
    steps.length = 0;
    await rollback({ ...split(), service: 'orders' });
  });

  it('takes over step by step while it does well', async () => {
    ebb.spans = spans(200, 1);
    await expect(canary(options())).resolves.toEqual({
      outcome: 'done',
      revision: 'orders-00002',
      figures: { requests: 200, failed: 1 },
    });
    expect([...new Set(steps.map(({ percent }) => percent))]).toEqual([10, 50, 100]);
    expect(trafficOf('orders')).toEqual([{ latestRevision: true, percent: 100 }]);
  });

  it.each<[string, () => void, RegExp]>([
    [
      'fails too often',
      () => (ebb.spans = spans(100, 5)),
      /5 of 100 requests and events failed \(5\.0 %, at most 1\.0 %\)/,
    ],
    ['parks events', () => (ebb.parked = 2), /2 of 2 requests and events failed/],
    ['is restarted', () => crash({ restarts: 1 }), /a container of orders-00002 ended and was started again/],
    [
      'does not start',
      () => crash({ waiting: { reason: 'CrashLoopBackOff' } }),
      /container main waits: CrashLoopBackOff/,
    ],
    ['is no longer ready', () => broken(), /orders-00002 is not ready: Unhealthy: probe failed/],
    ['cannot be watched', () => blind(), /nobody can be asked how orders-00002 does/],
  ])('gives all requests back when it %s', async (_what, happen, reason) => {
    const onProgress = (progress: CanaryProgress): void => {
      if (progress.percent === 50) happen();
    };
    await expect(canary({ ...options(), onProgress })).resolves.toMatchObject({
      outcome: 'aborted',
      back: 'orders-00001',
      reason: expect.stringMatching(reason) as unknown,
    });
    expect(trafficOf('orders')).toEqual([{ revisionName: 'orders-00001', latestRevision: false, percent: 100 }]);
  });

  it('gives them back when it is interrupted', async () => {
    const stop = new AbortController();
    const onProgress = (): void => stop.abort(new Error('interrupted'));
    const result = await canary({ ...options(), onProgress, signal: stop.signal });
    expect(result).toMatchObject({ outcome: 'aborted', reason: 'interrupted' });
    expect(trafficOf('orders')).toEqual([{ revisionName: 'orders-00001', latestRevision: false, percent: 100 }]);
  });

  it('tries again to give them back, and says when it cannot', async () => {
    const { server } = ebb;
    let isRefused = false;
    const onProgress = ({ percent }: CanaryProgress): void => {
      if (percent < 50 || isRefused) return;
      isRefused = true;
      broken();
      server.forbidden.add('patch services.serving.knative.dev');
    };
    await expect(canary({ ...options(), onProgress })).rejects.toThrow(
      /given up \(orders-00002 is not ready.*could not be given back to orders-00001: .* \(403\).* Do it with: ebb rollback orders --to orders-00001/,
    );
    server.forbidden.clear();
    server.remove('Revision', 'orders-00002');
    server.add(revision('orders', 2));
    isRefused = false;
    const clock = swiftClock();
    const recovering: Clock = {
      now: () => clock.now(),
      sleep: (ms, signal) => {
        if (ms === 2_000) server.forbidden.clear();
        return clock.sleep(ms, signal);
      },
    };
    await rollback({ ...split(), service: 'orders', to: 'orders-00001' });
    await expect(canary({ ...options(), clock: recovering, onProgress })).resolves.toMatchObject({
      outcome: 'aborted',
    });
    expect(trafficOf('orders')).toEqual([{ revisionName: 'orders-00001', latestRevision: false, percent: 100 }]);
  });

  it('is not begun when nobody could tell how it does', async () => {
    blind();
    await expect(canary(options())).rejects.toThrow('requests stay with orders-00001: nobody can be asked');
    expect(trafficOf('orders')).toEqual([{ revisionName: 'orders-00001', latestRevision: false, percent: 100 }]);
  });

  it('is not begun with a revision that has everything', async () => {
    await rollback({ ...split(), service: 'orders', to: 'latest' });
    await expect(canary(options())).rejects.toThrow('orders-00002 has all requests already');
  });

  it('is not begun with a revision that is not ready', async () => {
    ebb.server.remove('Service', 'orders');
    ebb.server.add(
      knativeService('orders', 'orders-00003'),
      revision('orders', 3, { failing: { reason: 'Failed', message: 'no' } }),
    );
    await expect(canary(options())).rejects.toThrow('revision orders-00003 is not ready for requests: Failed: no');
  });

  function crash(told: Parameters<typeof pod>[1]): void {
    ebb.server.remove('Pod', 'orders-00002-x');
    ebb.server.add(pod('orders-00002-y', { ...told, labels: { 'serving.knative.dev/revision': 'orders-00002' } }));
  }
  function broken(): void {
    ebb.server.remove('Revision', 'orders-00002');
    ebb.server.add(revision('orders', 2, { failing: { reason: 'Unhealthy', message: 'probe failed' } }));
  }
  function blind(): void {
    ebb.server.forwardTo('ebb/relay-x', 8090, undefined);
    ebb.server.forwardTo('observability/jaeger', 16686, undefined);
  }
});
