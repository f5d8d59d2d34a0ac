import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { blocksOf } from './markdown.ts';
import { read } from './repository.ts';
import { HAS_SHELL } from './shell.ts';
import { Walkthrough } from './walkthrough.ts';

const GUIDE = 'docs/guides/dead-letters.md';

let walkthrough: Walkthrough;

beforeAll(() => {
  walkthrough = new Walkthrough();
});
afterAll(() => walkthrough.close());

(HAS_SHELL ? describe : describe.skip)(`a reader who does what ${GUIDE} says`, () => {
  it.each(
    blocksOf(read(GUIDE)).map((block) => [block.line, block.file ?? block.text.split('\n')[0] ?? '', block] as const),
  )(
    'line %i: %s',
    async (_line, _name, block) => {
      await walkthrough.follow(block);
    },
    120_000,
  );
});
