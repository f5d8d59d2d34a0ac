/**
 * Measures contenders in turn, A B A B: a machine that is slower for a while is so for all of them.
 * The first round warms disk and memory up and does not count.
 * @returns per contender, its value of each round
 */
export async function interleaved<Name extends string, Value>(
  names: readonly Name[],
  rounds: number,
  measure: (name: Name) => Promise<Value>,
): Promise<Readonly<Record<Name, readonly Value[]>>> {
  const values = Object.fromEntries(names.map((name) => [name, [] as Value[]])) as Record<Name, Value[]>;
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const value = await measure(name);
      if (round > 0) values[name].push(value);
    }
  }
  return values;
}
