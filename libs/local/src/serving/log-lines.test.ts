import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from '@jest/globals';
import { MAX_LINE_LENGTH, readLines, Tail } from './log-lines.ts';

async function linesOf(...chunks: (string | Buffer)[]): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  readLines(stream, (line) => lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await finished(stream);
  return lines;
}

describe('readLines', () => {
  it('puts lines together from pieces, with the last one that has no end', async () => {
    expect(await linesOf('a', 'b\nc\r\n', '\n', 'd')).toEqual(['ab', 'c', '', 'd']);
  });

  it('does not break a character that arrives in two pieces', async () => {
    const bytes = Buffer.from('é\n');
    expect(await linesOf(bytes.subarray(0, 1), bytes.subarray(1))).toEqual(['é']);
  });

  it('cuts a line that does not end, and goes on with the next', async () => {
    const long = 'x'.repeat(MAX_LINE_LENGTH);
    const lines = await linesOf(long, 'yyy', long, '\nnext\n');
    expect(lines).toEqual([`${long}…`, 'next']);
  });
});

describe('Tail', () => {
  it('keeps the last lines', () => {
    const tail = new Tail(2);
    for (const line of ['a', 'b', 'c']) tail.add(line);
    expect(tail.text).toBe('b\nc');
  });
});
