/** What one parcel up to a weight costs. */
export interface Rate {
  readonly maxGrams: number;
  readonly minorUnits: number;
}

export interface Price {
  readonly parcels: number;
  readonly minorUnits: number;
}

/**
 * What a weight costs by a zone's rates: as many of the heaviest parcels as it fills, and the cheapest one that takes the rest.
 * @returns undefined when there are no rates
 */
export function priceOf(grams: number, rates: readonly Rate[]): Price | undefined {
  const ascending = [...rates].sort((a, b) => a.maxGrams - b.maxGrams);
  const heaviest = ascending.at(-1);
  if (!heaviest) return undefined;
  const full = Math.floor(grams / heaviest.maxGrams);
  const rest = grams - full * heaviest.maxGrams;
  const last = rest > 0 ? cheapest(ascending.filter(({ maxGrams }) => maxGrams >= rest)) : undefined;
  return {
    parcels: full + (last ? 1 : 0),
    minorUnits: full * heaviest.minorUnits + (last?.minorUnits ?? 0),
  };
}

function cheapest(rates: readonly Rate[]): Rate | undefined {
  return rates.reduce<Rate | undefined>(
    (best, rate) => (best && best.minorUnits <= rate.minorUnits ? best : rate),
    undefined,
  );
}
