import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withSourcePlaces } from './source-places.ts';

const BUILT_AT = new Date('2026-01-01T00:00:00Z');
let folder: string;
let bundle: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebb-map-'));
  bundle = join(folder, 'service.cjs');
  // One segment: the first column of line 1 is line 3, column 5 of the source.
  const map = {
    version: 3,
    file: 'service.cjs',
    sources: ['apps/a/src/x.ts'],
    names: [],
    mappings: 'AAEI',
    sourceRoot: '',
    sourcesContent: [],
  };
  writeFileSync(`${bundle}.map`, JSON.stringify(map));
  utimesSync(`${bundle}.map`, BUILT_AT, BUILT_AT);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a stack', () => {
  it('names the sources', () => {
    const stack = `Error: no\n    at f (${bundle}:1:1)\n    at node:internal/x:1:1`;
    expect(withSourcePlaces(stack, new Date('2026-01-02T00:00:00Z'))).toBe(
      'Error: no\n    at f (apps/a/src/x.ts:3:5)\n    at node:internal/x:1:1',
    );
  });

  it('stays as it is when the bundle is newer than the error, or has no map', () => {
    const stack = `    at f (${bundle}:1:1)`;
    expect(withSourcePlaces(stack, new Date('2025-12-31T00:00:00Z'))).toBe(stack);
    expect(withSourcePlaces('    at f (/nowhere/service.cjs:1:1)', new Date())).toBe(
      '    at f (/nowhere/service.cjs:1:1)',
    );
  });
});
