import { readFileSync, statSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';

/** A place in a bundle, as it stands in a stack. */
const PLACE = /(\/[^\s():]+\.cjs):(\d+):(\d+)/g;

/**
 * A stack with the places of the sources instead of those of the bundle. Bundles that were built after the error happened are left out: their
 * lines are other ones.
 */
export function withSourcePlaces(stack: string, happenedAt: Date): string {
  const maps = new Map<string, SourceMap | undefined>();
  return stack.replaceAll(PLACE, (place: string, file: string, line: string, column: string) => {
    if (!maps.has(file)) maps.set(file, mapOf(file, happenedAt));
    const entry = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!entry || !('originalSource' in entry)) return place;
    return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

function mapOf(file: string, happenedAt: Date): SourceMap | undefined {
  const path = `${file}.map`;
  try {
    if (statSync(path).mtime > happenedAt) return undefined;
    return new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as SourceMapPayload);
  } catch {
    // It is gone, or was never there: the stack is shown as it is.
    return undefined;
  }
}
