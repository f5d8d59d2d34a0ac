/** How the activator picks an instance, by a service's containerConcurrency. */
export type BalancePolicy = 'random-choice-of-two' | 'first-available' | 'round-robin';

const FEW = 3;

export function balancePolicy(containerConcurrency: number): BalancePolicy {
  if (containerConcurrency === 0) return 'random-choice-of-two';
  return containerConcurrency <= FEW ? 'first-available' : 'round-robin';
}

export interface BalanceState {
  /** The index that was chosen last; counts where it goes in turn. */
  readonly last?: number;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

/** The index of the instance for the next request, by how many each has in flight; undefined when none has room. */
export function chooseInstance(
  containerConcurrency: number,
  inFlight: readonly number[],
  { last = -1, random = Math.random }: BalanceState = {},
): number | undefined {
  const hasRoom = (index: number): boolean => (inFlight[index] ?? Infinity) < containerConcurrency;
  const indexes = inFlight.map((_load, index) => index);
  switch (balancePolicy(containerConcurrency)) {
    case 'random-choice-of-two':
      return betterOfTwo(inFlight, random);
    case 'first-available':
      return indexes.find(hasRoom);
    case 'round-robin':
      return indexes.map((index) => (last + 1 + index) % inFlight.length).find(hasRoom);
  }
}

/** Two different ones by chance, and of these the one with less to do. */
function betterOfTwo(inFlight: readonly number[], random: () => number): number | undefined {
  if (inFlight.length < 2) return inFlight.length === 0 ? undefined : 0;
  const one = Math.floor(random() * inFlight.length);
  const other = (one + 1 + Math.floor(random() * (inFlight.length - 1))) % inFlight.length;
  return (inFlight[other] ?? 0) < (inFlight[one] ?? 0) ? other : one;
}
