import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { blocksOf } from './markdown.ts';
import { read } from './repository.ts';
import { HAS_SHELL } from './shell.ts';
import { Walkthrough } from './walkthrough.ts';

/** Not run here: this is it. */
const LEFT_OUT = 'npm test';

const blocks = blocksOf(read('README.md')).filter(({ language, text }) => language !== '' && text !== LEFT_OUT);

let walkthrough: Walkthrough;

beforeAll(() => {
  walkthrough = new Walkthrough();
});
afterAll(() => walkthrough.close());

(HAS_SHELL ? describe : describe.skip)('a reader who pastes what README.md shows', () => {
  it.each(blocks.map((block) => [block.line, block] as const))(
    'line %i',
    async (_line, block) => {
      await walkthrough.follow(block);
    },
    120_000,
  );
});
