const SPECIAL = /["\\]/;
const SPECIALS = /["\\]/g;

/** An array of text as PostgreSQL reads it. The driver writes the same, and looks at each element twice for it. */
export function textArray(values: readonly (string | null)[]): string {
  let elements = '';
  for (const value of values) {
    if (elements !== '') elements += ',';
    if (value === null) elements += 'NULL';
    else elements += SPECIAL.test(value) ? `"${value.replace(SPECIALS, '\\$&')}"` : `"${value}"`;
  }
  return `{${elements}}`;
}
