const PREFIX = 'kne-';
const EXTENSION = /^[a-z0-9]+$/;
const ATTRIBUTES = new Set([
  'id',
  'source',
  'type',
  'specversion',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
  'data',
]);

/** What the `kne-…` headers of a failure mean for its dead letter (traps 15 and 16). */
export interface KneHeaders {
  /** They become extensions of the dead letter. */
  readonly extensions: Readonly<Record<string, string>>;
  /** They would poison the Trigger in a cluster: no legal extension, or the name of a context attribute. */
  readonly poisonous: readonly string[];
}

/** Sorts the `kne-…` headers of an answer; header names are in lower case. */
export function kneHeaders(headers: Readonly<Record<string, string>>): KneHeaders {
  const extensions: Record<string, string> = {};
  const poisonous: string[] = [];
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(PREFIX)) continue;
    const name = header.slice(PREFIX.length);
    if (EXTENSION.test(name) && !ATTRIBUTES.has(name)) extensions[name] = value;
    else poisonous.push(header);
  }
  return { extensions, poisonous };
}
