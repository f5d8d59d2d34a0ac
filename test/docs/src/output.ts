/** What is different each time: a duration, an id, a column's width. */
const ANYTHING = '…';

/**
 * Whether output is as a document shows it: the lines shown are there, in that order, maybe with others in between.
 * `…` stands for anything; how far things are apart does not count.
 * @returns the first line that is not there
 */
export function missingLine(shown: string, output: string): string | undefined {
  const lines = output.split('\n').map(squeezed);
  let at = 0;
  for (const line of shown.split('\n').map(squeezed).filter(Boolean)) {
    const pattern = new RegExp(`^${line.split(ANYTHING).map(escaped).join('.*')}$`);
    const found = lines.findIndex((candidate, index) => index >= at && pattern.test(candidate));
    if (found < 0) return line;
    at = found + 1;
  }
  return undefined;
}

const squeezed = (line: string): string => line.replaceAll(/\s+/g, ' ').trim();
const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
