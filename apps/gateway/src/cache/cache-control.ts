/** Directives of `Cache-Control`, names in lower case; one without a value has an empty one. */
export type CacheDirectives = ReadonlyMap<string, string>;

const DIRECTIVE = /([\w-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,;]*)))?/g;

export function directivesOf(header: string | undefined): CacheDirectives {
  const directives = new Map<string, string>();
  for (const [, name = '', quoted, plain] of (header ?? '').matchAll(DIRECTIVE)) {
    // Given twice: the stricter one would be a guess, so the first counts, as for other headers.
    if (!directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), quoted ?? plain ?? '');
  }
  return directives;
}

/** A number of seconds; 0 for what is none: what cannot be read is stale (RFC 9111, 4.2.1). */
export function secondsOf(value: string): number {
  return /^\d{1,10}$/.test(value) ? Number(value) : 0;
}
