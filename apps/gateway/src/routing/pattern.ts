/** One segment of a pattern: a text that must be there, or the name of a parameter. */
export type PatternSegment = { readonly text: string } | { readonly param: string };

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const TEXT = /^[A-Za-z0-9\-._~!$&'()*+,;=@]+$/;

/**
 * Takes `/users/:userId` apart.
 * @throws Error whose message says what is wrong with the pattern
 */
export function parsePattern(path: string): readonly PatternSegment[] {
  if (!path.startsWith('/')) throw new Error('must begin with a slash');
  if (path === '/') return [];
  const names = new Set<string>();
  return path
    .slice(1)
    .split('/')
    .map((segment) => {
      if (!segment.startsWith(':')) return textSegment(segment);
      const param = segment.slice(1);
      if (!NAME.test(param)) throw new Error(`has a parameter ":${param}" that is no name of letters, digits and _`);
      if (names.has(param)) throw new Error(`names the parameter ":${param}" twice`);
      names.add(param);
      return { param };
    });
}

function textSegment(text: string): PatternSegment {
  if (text === '') throw new Error('has an empty segment: no slash at the end, and no two in a row');
  if (text === '.' || text === '..') throw new Error(`has a segment "${text}"`);
  if (!TEXT.test(text)) throw new Error(`has a segment "${text}" with characters that patterns do not take`);
  return { text };
}

/** The same for patterns that match the same paths: names of parameters do not count. */
export function shapeOf(pattern: readonly PatternSegment[], prefix: boolean): string {
  const path = pattern.map((segment) => ('text' in segment ? `/${segment.text}` : '/:')).join('');
  return `${path === '' ? '/' : path}${prefix ? '/**' : ''}`;
}
