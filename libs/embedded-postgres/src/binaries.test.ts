import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { binary, findBinaries, linkLibraries } from './binaries.ts';

describe("npm's PostgreSQL", () => {
  it('is found for this platform', () => {
    const found = findBinaries();
    expect(found.version).toMatch(/^18\./);
    expect(existsSync(binary(found, 'postgres'))).toBe(true);
    expect(existsSync(binary(found, 'initdb'))).toBe(true);
  });

  it('gets the links that an install without scripts leaves out', () => {
    const directory = mkdtempSync(join(tmpdir(), 'ebb-links-'));
    mkdirSync(join(directory, 'native/lib'), { recursive: true });
    writeFileSync(join(directory, 'native/lib/libpq.so.5.18'), 'library');
    const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
    writeFileSync(join(directory, 'native/pg-symlinks.json'), JSON.stringify(links));
    linkLibraries(directory);
    linkLibraries(directory);
    expect(readFileSync(join(directory, 'native/lib/libpq.so.5'), 'utf8')).toBe('library');
    rmSync(directory, { recursive: true });
  });
});
