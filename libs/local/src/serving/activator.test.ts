import { afterEach, describe, expect, it } from '@jest/globals';
import { Activator, HeldBytes } from './activator.ts';
import { Instance } from './instance.ts';

const made: Instance[] = [];

function instance(): Instance {
  const exited = new Promise<string>(() => undefined);
  const terminate = (): Promise<void> => Promise.resolve();
  const idle = new Instance({ port: 1, isAlive: true, exited, coldStartMs: 1, lastWords: '', terminate });
  made.push(idle);
  return idle;
}

function activator(instances: Instance[], containerConcurrency: number, heldBytes = new HeldBytes(1_000)) {
  const requests: number[] = [];
  const subject = new Activator({
    ...{ containerConcurrency, heldBytes, maxHeld: 3, instances: () => instances },
    ...{ onArrival: () => undefined, onChange: (count: number) => requests.push(count) },
  });
  return { subject, requests };
}

afterEach(() => {
  for (const { agent } of made.splice(0)) agent.destroy();
});

describe('Activator', () => {
  it('serves in the order of arrival, one at a time where the limit is one', async () => {
    const one = instance();
    const { subject, requests } = activator([one], 1);
    expect(subject.tryEnter()).toBe(one);
    const order: string[] = [];
    const held = ['first', 'second'].map((name) => subject.hold(0).granted.then(() => order.push(name)));
    expect(subject.tryEnter()).toBeUndefined();
    subject.leave(one);
    await held[0];
    expect([order, one.inFlight]).toEqual([['first'], 1]);
    subject.leave(one);
    await held[1];
    expect(order).toEqual(['first', 'second']);
    expect(requests).toEqual([1, 2, 3, 2, 1]);
  });

  it('gives all held requests to the first instance without a limit', async () => {
    const instances: Instance[] = [];
    const { subject } = activator(instances, 0);
    const held = [subject.hold(0), subject.hold(0)];
    instances.push(instance());
    subject.dispatch();
    await Promise.all(held.map(({ granted }) => granted));
    expect(instances[0]?.inFlight).toBe(2);
  });

  it('refuses what is too much, and has room again when a request gives up', async () => {
    const { subject } = activator([], 0, new HeldBytes(10));
    const first = subject.hold(6);
    expect(() => subject.hold(5)).toThrow('pending request queue full');
    first.abandon(new Error('gave up'));
    await expect(first.granted).rejects.toThrow('gave up');
    const held = [subject.hold(5), subject.hold(0), subject.hold(0)];
    expect(() => subject.hold(0)).toThrow('pending request queue full');
    subject.refuseAll(new Error('no'));
    for (const { granted } of held) await expect(granted).rejects.toThrow('no');
    expect(subject.requests).toBe(0);
  });

  it('spreads requests in turn where an instance takes more than three', () => {
    const instances = [instance(), instance(), instance()];
    const { subject } = activator(instances, 4);
    const order = Array.from({ length: 6 }, () => instances.indexOf(subject.tryEnter()!));
    expect(order).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it('fills the first instance where one takes few', () => {
    const instances = [instance(), instance()];
    const { subject } = activator(instances, 2);
    expect(Array.from({ length: 3 }, () => instances.indexOf(subject.tryEnter()!))).toEqual([0, 0, 1]);
  });

  it('gives nothing to an instance that drains', () => {
    const instances = [instance(), instance()];
    instances[0]!.close();
    const { subject } = activator(instances, 0);
    expect(subject.tryEnter()).toBe(instances[1]);
  });

  it('passes over an instance that takes nothing for now, also in turn', () => {
    const instances = [instance(), instance(), instance()];
    const { subject } = activator(instances, 4);
    instances[1]!.pause();
    const next = () => instances.indexOf(subject.tryEnter()!);
    expect([next(), next(), next()]).toEqual([0, 2, 0]);
    instances[0]!.pause();
    instances[2]!.pause();
    expect(subject.tryEnter()).toBeUndefined();
  });
});
