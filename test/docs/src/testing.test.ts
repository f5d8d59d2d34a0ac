import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { blocksOf } from './markdown.ts';
import { read } from './repository.ts';
import { HAS_SHELL } from './shell.ts';
import { Walkthrough } from './walkthrough.ts';

const GUIDE = 'docs/guides/testing.md';

let walkthrough: Walkthrough;

beforeAll(() => {
  walkthrough = new Walkthrough();
});
afterAll(() => walkthrough.close());

(HAS_SHELL ? describe : describe.skip)(`a reader who writes what ${GUIDE} says`, () => {
  it('has code that holds its types, and tests that pass', async () => {
    const blocks = blocksOf(read(GUIDE));
    const files = blocks.filter(({ file }) => file !== undefined);
    expect(files.length).toBeGreaterThan(8);
    for (const block of files) await walkthrough.follow(block);
    expect(await walkthrough.typecheck('parcels')).toEqual({ code: 0, output: '' });
    for (const block of blocks.filter(({ language }) => language === 'bash')) await walkthrough.follow(block);
  }, 180_000);
});
