import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { blocksOf } from './markdown.ts';
import { read } from './repository.ts';
import { Walkthrough } from './walkthrough.ts';

/** Not run here, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'npm test': 'this is it',
  'npm run bench': 'it measures, and takes minutes of both cores',
  'npm run verify': 'it runs npm test',
};

const blocks = blocksOf(read('README.md')).filter(({ language, file }) => file !== undefined || language !== '');
const isLeftOut = (text: string): boolean => text.split('\n').every((line) => commandOf(line) in LEFT_OUT);
const commandOf = (line: string): string => line.replace(/\s+#.*$/, '');

let walkthrough: Walkthrough;

beforeAll(() => {
  walkthrough = new Walkthrough();
});
afterAll(() => walkthrough.close());

describe('a reader who pastes what README.md shows', () => {
  it.each(blocks.filter(({ text }) => !isLeftOut(text)).map((block) => [block.line, block] as const))(
    'line %i',
    async (_line, block) => {
      await walkthrough.follow(block);
    },
    120_000,
  );
});
