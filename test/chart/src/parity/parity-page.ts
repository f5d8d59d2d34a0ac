import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../helm.ts';

const PAGE = 'docs/architecture/parity.md';

/** The first two columns of a table of the page, as `kind field` or `kind name`; each row must give a reason. */
export function rowsOf(heading: string): readonly string[] {
  const text = readFileSync(join(ROOT, PAGE), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows
    .map((row) => row.split('|').map((cell) => cell.trim().replaceAll('`', '')))
    .map(([, kind = '', what = '', reason = '']) => {
      if (reason === '') throw new Error(`${PAGE}: ${kind} ${what} has no reason`);
      return `${kind} ${what}`;
    })
    .sort();
}
