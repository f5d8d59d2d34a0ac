import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readCatalogue } from './catalogue-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebb-catalogue-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function written(text: string): string {
  const file = join(folder, 'catalogue.json');
  writeFileSync(file, text);
  return file;
}

describe('the catalogue file', () => {
  it('may be empty', async () => {
    await expect(readCatalogue(written('{"entries":[]}'))).resolves.toEqual([]);
  });

  it.each([
    ['{', /catalogue\.json: /],
    ['[]', /it has no list of entries/],
    ['{"entries":{}}', /it has no list of entries/],
    ['{"entries":[{"name":"orders"}]}', /\/kind/],
  ])('that holds %s is refused with its place', async (text, message) => {
    await expect(readCatalogue(written(text))).rejects.toThrow(message);
  });

  it('that is named and missing is refused', async () => {
    await expect(readCatalogue(join(folder, 'none.json'))).rejects.toThrow(/none\.json: .*ENOENT/);
  });
});
