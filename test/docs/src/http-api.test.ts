import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { blocksOf } from './markdown.ts';
import { read } from './repository.ts';
import { HAS_SHELL } from './shell.ts';
import { Walkthrough } from './walkthrough.ts';

const GUIDE = 'docs/guides/http-api.md';

let walkthrough: Walkthrough;

beforeAll(() => {
  walkthrough = new Walkthrough(['relay', 'accounts', 'notifications', 'gateway']);
});
afterAll(() => walkthrough.close());

(HAS_SHELL ? describe : describe.skip)(`a reader who does what ${GUIDE} says`, () => {
  it.each(blocksOf(read(GUIDE)).map((block) => [block.line, nameOf(block), block] as const))(
    'line %i: %s',
    async (_line, _name, block) => {
      await walkthrough.follow(block);
    },
    120_000,
  );

  it('has written code that holds its types', async () => {
    expect(await walkthrough.typecheck('wishes')).toEqual({ code: 0, output: '' });
  }, 60_000);
});

function nameOf({ language, file, text }: ReturnType<typeof blocksOf>[number]): string {
  return file ?? `${language === 'text' ? 'sees ' : ''}${text.split('\n')[0] ?? ''}`;
}
