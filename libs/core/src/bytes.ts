const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size for people: 812 B, 16.4 kB, 1.2 GB. */
export function humanBytes(bytes: number): string {
  let amount = bytes;
  for (const unit of UNITS) {
    if (amount < 999.5 || unit === 'TB')
      return `${Number(amount.toFixed(amount < 100 && unit !== 'B' ? 1 : 0))} ${unit}`;
    amount /= 1_000;
  }
  return `${bytes} B`;
}
