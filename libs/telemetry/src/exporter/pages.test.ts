import { describe, expect, it } from '@jest/globals';
import { Pages } from './pages.ts';

const frames = { head: '[', tail: ']' };
const read = (page: Buffer | undefined): unknown => JSON.parse(page!.toString());

describe('pages', () => {
  it('hold items between head and tail', () => {
    const pages = new Pages(frames);
    expect(pages.isEmpty).toBe(true);
    for (const item of ['1', '"é"', '"😀"']) expect(pages.add(item)).toBeUndefined();
    expect(pages.isEmpty).toBe(false);
    expect(read(pages.take())).toEqual([1, 'é', '😀']);
    expect(pages.take()).toBeUndefined();
  });

  it('lose nothing when one is full, and take items that are larger than a page', () => {
    const pages = new Pages(frames);
    const sizes = [300_000, 10, 300_000, 2_000_000, 5];
    const full = sizes.flatMap((size) => pages.add(JSON.stringify('é'.repeat(size))) ?? []);
    const items = [...full, pages.take()].flatMap((page) => read(page) as string[]);
    expect(items.map(({ length }) => length)).toEqual(sizes);
    expect(full.length).toBeGreaterThan(1);
  });
});
