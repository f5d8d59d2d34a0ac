import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { read, ROOT } from './repository.ts';

const GUIDE = 'docs/guides/delivery.md';

interface Proof {
  readonly file: string;
  readonly title: string;
}

/** The rows of the table "promise | proven by"; a proof is `file`: title, several are parted by " · ". */
const promises = read(GUIDE)
  .split('\n')
  .filter((line) => /^\|.*\| *`(apps|libs|test)\//.test(line))
  .map((line) => {
    const [, promise = '', proofs = ''] = line.split('|').map((cell) => cell.trim());
    return { promise, proofs: proofs.split(' · ').map(proofOf) };
  });

function proofOf(text: string): Proof {
  const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(text) ?? [];
  return { file, title };
}

/** As a test's title stands in source code: between quotes of some kind. */
const hasTitle = (source: string, title: string): boolean =>
  [`'${title}'`, `"${title}"`, `\`${title}\``].some((quoted) => source.includes(quoted));

describe('the promises of delivery', () => {
  it('are found in the guide', () => {
    expect(promises.length).toBeGreaterThanOrEqual(10);
  });

  it.each(promises)('$promise: is proven by tests that exist', ({ proofs }) => {
    const missing = proofs.filter(
      ({ file, title }) => title === '' || !existsSync(join(ROOT, file)) || !hasTitle(read(file), title),
    );
    expect(missing).toEqual([]);
  });
});
