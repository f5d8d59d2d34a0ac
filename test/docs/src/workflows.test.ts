import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { blocksOf } from './markdown.ts';
import { read } from './repository.ts';
import { HAS_SHELL } from './shell.ts';
import { Walkthrough } from './walkthrough.ts';

const GUIDE = 'docs/guides/workflows.md';

let walkthrough: Walkthrough;

beforeAll(() => {
  walkthrough = new Walkthrough();
});
afterAll(() => walkthrough.close());

(HAS_SHELL ? describe : describe.skip)(`a reader who writes what ${GUIDE} says`, () => {
  it('has code that holds its types', async () => {
    const files = blocksOf(read(GUIDE)).filter(({ file }) => file !== undefined);
    expect(files.length).toBeGreaterThan(5);
    for (const block of files) await walkthrough.follow(block);
    expect(await walkthrough.typecheck('travel')).toEqual({ code: 0, output: '' });
  }, 60_000);
});
