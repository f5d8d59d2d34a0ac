const MAX_DATA = 1_000;
const PRINTABLE = /^[\P{C}\s]*$/u;

/** What the attributes of a dead letter say in words: where it was sent, and what was answered. */
export function errorOfLetter(attributes: Readonly<Record<string, string>>): string {
  const { knativeerrordest: url = 'nowhere', knativeerrorcode: code, knativeerrordata: data, ebberror } = attributes;
  if (ebberror !== undefined) return `the runtime could not deliver it: ${ebberror}`;
  const first = code === undefined ? `no answer from ${url}` : `${code} from ${url}`;
  const detail = [attributes.ebbreason, attributes.ebbdetail].filter(Boolean).join(': ');
  const text = data === undefined ? '' : Buffer.from(data, 'base64').toString('utf8').slice(0, MAX_DATA);
  return [detail === '' ? first : `${first} (${detail})`, ...(text !== '' && PRINTABLE.test(text) ? [text] : [])].join(
    '\n',
  );
}
