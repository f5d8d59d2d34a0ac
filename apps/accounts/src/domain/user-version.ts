/** What a client is told that it has (RFC 9110, 8.8.3): a strong one, each change has its own. */
export const etagOf = (version: string): string => `"${version}"`;

const TAG = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;

/**
 * Whether a change may go on (RFC 9110, 13.1.1): the header names the version that there is, or `*`. A weak tag names none: it only says that
 * two are alike.
 */
export function isMatch(ifMatch: string, version: string): boolean {
  if (ifMatch.trim() === '*') return true;
  return ifMatch.split(',').some((part) => {
    const [, weak, tag] = TAG.exec(part.trim()) ?? [];
    return weak === undefined && tag === version;
  });
}
