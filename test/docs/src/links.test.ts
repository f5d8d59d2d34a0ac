import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { blocksOf, proseOf } from './markdown.ts';
import { documents, read, ROOT } from './repository.ts';

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const CODE = /`([^`]+)`/g;
/** Code that names a place in the repository; `<name>` and `*` stand for any. */
const PLACE = /^(?:apps|libs|test|docs|tools|k8s|helm|docker)\/[\w./-]*\w\/?$/;

const all = documents();

/** What the documents themselves have their reader write. */
const written = new Set(all.flatMap((path) => blocksOf(read(path)).flatMap(({ file }) => file ?? [])));

describe.each(all)('%s', (path) => {
  const prose = proseOf(read(path)).join('\n');

  it('links to what is there', () => {
    const broken = [...prose.matchAll(LINK)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target) && !isThere(path, target));
    expect(broken).toEqual([]);
  });

  it('names files and folders that are there', () => {
    const missing = [...prose.matchAll(CODE)]
      .map(([, code = '']) => code)
      .filter((code) => PLACE.test(code) && !existsSync(join(ROOT, code)) && !isWritten(code));
    expect(missing).toEqual([]);
  });
});

const isWritten = (place: string): boolean =>
  [...written].some((file) => file === place || file.startsWith(`${place.replace(/\/$/, '')}/`));

function isThere(from: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? join(ROOT, from) : join(ROOT, dirname(from), file);
  if (!existsSync(path)) return false;
  return (
    anchor === undefined || statSync(path).isDirectory() || anchorsOf(path.slice(ROOT.length + 1)).includes(anchor)
  );
}

/** As the places that show Markdown make them of headings. */
function anchorsOf(path: string): readonly string[] {
  return proseOf(read(path))
    .filter((line) => line.startsWith('#'))
    .map((line) =>
      line
        .replace(/^#+\s+/, '')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    );
}
