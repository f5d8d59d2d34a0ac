import { balancePolicy } from '@ebb/knative';
import type { Instance } from './instance.ts';

/** Chooses the instance for the next request; undefined when none has room. */
export type Balance = (instances: readonly Instance[]) => Instance | undefined;

/** How the activator spreads the requests of a revision. */
export function balanceFor(containerConcurrency: number): Balance {
  const hasRoom = (instance: Instance): boolean => instance.isOpen && instance.inFlight < containerConcurrency;
  switch (balancePolicy(containerConcurrency)) {
    case 'random-choice-of-two':
      return powerOfTwoChoices;
    case 'first-available':
      return (instances) => instances.find(hasRoom);
    case 'round-robin':
      return roundRobin(hasRoom);
  }
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
