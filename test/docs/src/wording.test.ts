import { homedir, tmpdir } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { documents, read, ROOT } from './repository.ts';

/** Folders of the machine that this runs on; one that is the root itself says nothing. */
const HERE = [ROOT, homedir(), tmpdir()].filter((path) => path.length > 1).map(escaped);

/** What tells of how or where this was written, and nothing to whoever reads it. */
const UNWANTED: readonly (readonly [string, RegExp])[] = [
  ['a placeholder', /\b(?:TODO|FIXME|TBD|XXX)\b|lorem ipsum/i],
  ['the tracker of whoever wrote it', /\b(?:issue|ticket|PR)\s+#?\d+\b/i],
  ['who wrote it', /\b(?:AI|LLM|chat ?bot|as an assistant|this session)\b/],
  [
    'a path of one machine',
    new RegExp(String.raw`(?<![\w.>}*])(?:/(?:work|home|Users|root|mnt)/\w|(?:${HERE.join('|')})/)`),
  ],
  ['praise', /\b(?:blazing(?:ly)?|seamless(?:ly)?|effortless(?:ly)?|best-in-class|cutting-edge|game.?chang\w+)\b/i],
];

describe.each(documents())('%s', (path) => {
  it.each(UNWANTED)('has no mention of %s', (_what, pattern) => {
    const lines = read(path).split('\n');
    expect(lines.filter((line) => pattern.test(line))).toEqual([]);
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
