import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { TRAPS } from './traps.ts';

describe('the traps', () => {
  it('have names of their own, in kebab case', () => {
    const names = Object.values(TRAPS).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it('are the same in the code and in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const rows = [...readme.matchAll(/^\| (\d+) +\| `([^`]+)` +\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)].map((row) =>
      row.slice(1),
    );
    expect(rows).toEqual(
      Object.entries(TRAPS).map(([number, { name, what, cluster, remedy }]) => [number, name, what, cluster, remedy]),
    );
  });
});
