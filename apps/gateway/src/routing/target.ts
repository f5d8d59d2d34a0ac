/** A request's target, taken apart and made safe. */
export interface Target {
  /** Decoded; without an empty one at the end. */
  readonly segments: readonly string[];
  /** Encoded in one way only, as the upstream sees it; the slash at the end is kept. */
  readonly path: string;
  /** What follows the `?`; empty without one. */
  readonly query: string;
}

/** What is wrong with a target, for whoever sent it. */
export interface BadTarget {
  readonly status: 400 | 414;
  readonly detail: string;
}

/** What any server in front of and behind us takes, too. */
export const MAX_TARGET_CHARS = 8_192;
/** Of RFC 3986: unreserved, sub-delims, `:`, `@`. What is not among them comes encoded. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9\-._~!$&'()*+,;=:@]*)+$/;
const SAFE_PATH = /^(?:\/[A-Za-z0-9\-._~!$&'()*+,;=:@%]*)+$/;
/** Browsers leave some characters in a query as they are; control characters, spaces and what is not ASCII they never do. */
const SAFE_QUERY = /^[\x21\x22\x24-\x7e]*$/;
const ESCAPED = /%[\da-fA-F]{2}/;
/** Would end the segment, or be read in another way by something behind us. */
// eslint-disable-next-line no-control-regex -- these are what must not get through
const UNSAFE_DECODED = /[/\\\x00-\x1f\x7f]/;
/** What encodeURIComponent encodes although a segment may hold it as it is. */
const OVER_ENCODED = /%(?:40|3A|24|26|2B|2C|3B|3D)/g;

/**
 * Reads the target of a request line. Only one spelling of a path gets through, so that what was matched, authorized and cached is what
 * the upstream sees.
 */
export function readTarget(url: string): Target | BadTarget {
  if (url.length > MAX_TARGET_CHARS) {
    return { status: 414, detail: `the URL is longer than ${MAX_TARGET_CHARS} characters` };
  }
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? '' : url.slice(mark + 1);
  if (!path.startsWith('/')) return bad('the request target must be a path that begins with a slash, such as /users/1');
  if (!SAFE_QUERY.test(query)) return bad('the query holds characters that must be percent-encoded');
  if (!SAFE_PATH.test(path)) return bad('the path holds characters that must be percent-encoded');
  const raw = path.slice(1).split('/');
  if (raw.at(-1) === '') raw.pop();
  const segments = PLAIN_PATH.test(path) ? raw : raw.map(decoded);
  for (const segment of segments) {
    const trouble = segment === undefined ? 'the path is not percent-encoded UTF-8' : troubleWith(segment);
    if (trouble !== undefined) return bad(trouble);
  }
  const safe = segments as readonly string[];
  return { segments: safe, path: segments === raw ? path : encoded(safe, path.endsWith('/')), query };
}

export const isBadTarget = (target: Target | BadTarget): target is BadTarget => 'detail' in target;

/** One spelling of a path for these segments. */
export function encoded(segments: readonly string[], slashAtEnd: boolean): string {
  const path = segments.map((segment) => `/${encodeSegment(segment)}`).join('');
  return slashAtEnd || path === '' ? `${path}/` : path;
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(OVER_ENCODED, decodeURIComponent);
}

function troubleWith(segment: string): string | undefined {
  if (segment === '') return 'the path holds an empty segment (two slashes in a row)';
  if (segment === '.' || segment === '..') return 'the path holds a . or .. segment';
  if (UNSAFE_DECODED.test(segment)) return 'the path holds an encoded slash, backslash or control character';
  return ESCAPED.test(segment) ? 'the path is percent-encoded twice' : undefined;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function bad(detail: string): BadTarget {
  return { status: 400, detail };
}
