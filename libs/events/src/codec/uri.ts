/**
 * The grammar of RFC 3986, appendix A. No two alternatives of a repetition can start with the same character, so that matching stays linear.
 */
const PCHAR = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";
const SCHEME = '[A-Za-z][A-Za-z0-9+.-]*:';
const USER = "(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@";
const HOST =
  "(?:\\[[0-9A-Fa-f:.]+\\]|\\[[vV][0-9A-Fa-f]+\\.[A-Za-z0-9._~!$&'()*+,;=:-]+\\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)";
const AFTER_SCHEME = `(?://(?:${USER})?${HOST}(?::\\d*)?(?=[/?#]|$)|(?!//))(?:${PCHAR}|/)*(?:\\?(?:${PCHAR}|[/?])*)?(?:#(?:${PCHAR}|[/?])*)?$`;

const ABSOLUTE_URI = new RegExp(`^${SCHEME}${AFTER_SCHEME}`);
/** Without a scheme, the first segment of the path has no colon. */
const URI_REFERENCE = new RegExp(`^(?:${SCHEME}|(?![^/?#]*:))${AFTER_SCHEME}`);

export function isUriReference(text: string): boolean {
  return text !== '' && URI_REFERENCE.test(text);
}

/** A URI with a scheme; a fragment is fine. */
export function isUri(text: string): boolean {
  return ABSOLUTE_URI.test(text);
}
