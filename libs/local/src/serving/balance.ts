import type { Instance } from './instance.ts';

/** Chooses the instance for the next request; undefined when none has room. */
export type Balance = (instances: readonly Instance[]) => Instance | undefined;

/** With at most so many requests per instance, the first with room is best: the oldest stay warm. */
const FEW = 3;

/** How Knative's activator spreads the requests of a revision: without a limit, the better of two by chance; else first or in turn. */
export function balanceFor(containerConcurrency: number): Balance {
  if (containerConcurrency === 0) return powerOfTwoChoices;
  const hasRoom = (instance: Instance): boolean => instance.isOpen && instance.inFlight < containerConcurrency;
  return containerConcurrency <= FEW ? (instances) => instances.find(hasRoom) : roundRobin(hasRoom);
}

function powerOfTwoChoices(instances: readonly Instance[]): Instance | undefined {
  const open = instances.filter((instance) => instance.isOpen);
  const one = open[Math.floor(Math.random() * open.length)];
  const other = open[Math.floor(Math.random() * open.length)];
  return one && other && other.inFlight < one.inFlight ? other : one;
}

function roundRobin(hasRoom: (instance: Instance) => boolean): Balance {
  let next = 0;
  return (instances) => {
    for (let step = 0; step < instances.length; step += 1) {
      const instance = instances[(next + step) % instances.length];
      if (!instance || !hasRoom(instance)) continue;
      next = (next + step + 1) % instances.length;
      return instance;
    }
    return undefined;
  };
}
