import { messageOf, parseJson } from '@ebb/core';
import { Lexer, parseAllDocuments, type Document } from 'yaml';

const MAX_BYTES = 4 * 1024 * 1024;
/** Aliases expand: a small file of them could fill the memory. */
const MAX_ALIASES = 100;
const MAX_DOCUMENTS = 1_000;
const MAX_DEPTH = 64;

/** One document of a file: what it holds, or why it cannot be read. */
export type ManifestDocument =
  { readonly number: number; readonly value: unknown } | { readonly number: number; readonly problem: string };

/** The documents of a file that is YAML or JSON; the empty ones are left out, but count. */
export function documentsOf(text: string): readonly ManifestDocument[] {
  if (Buffer.byteLength(text) > MAX_BYTES) return [{ number: 1, problem: `the file is over ${MAX_BYTES} bytes` }];
  const json = jsonOf(text);
  if (json !== undefined) return [{ number: 1, value: withoutNulls(json) }];
  if (isTooDeep(text)) return [{ number: 1, problem: `it is nested deeper than ${MAX_DEPTH} levels` }];
  const documents = parseAllDocuments(text, { merge: true });
  if (!Array.isArray(documents)) return [];
  if (documents.length > MAX_DOCUMENTS) {
    return [{ number: 1, problem: `the file has more than ${MAX_DOCUMENTS} documents: split it` }];
  }
  return documents
    .map((document, index) => read(document, index + 1))
    .filter((document) => 'problem' in document || (document.value !== null && document.value !== undefined));
}

/** JSON is almost YAML: tabs between its tokens are not. */
function jsonOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** What the lexer puts before the text of a scalar. */
const SCALAR_FOLLOWS = '\u001f';
const MAX_INDENT = 1_000;

/** Checked on the tokens: composing hostile nesting would end the whole process. */
function isTooDeep(text: string): boolean {
  let flow = 0;
  let inLine = 0;
  let isScalar = false;
  for (const token of new Lexer().lex(text)) {
    if (isScalar) isScalar = false;
    else if (token === SCALAR_FOLLOWS) isScalar = true;
    else if (token === '[' || token === '{') flow += 1;
    else if (token === ']' || token === '}') flow -= 1;
    else if (token === '-' || token === '?') inLine += 1;
    else if (token.includes('\n')) inLine = 0;
    else if (/^ +$/.test(token) && token.length > MAX_INDENT) return true;
    if (flow > MAX_DEPTH || inLine > MAX_DEPTH) return true;
  }
  return false;
}

/** To Kubernetes, a field that is null is a field that is not there; tools write `creationTimestamp: null`. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutNulls(field)]));
}

function read(document: Document.Parsed, number: number): ManifestDocument {
  const [error] = document.errors;
  if (error) {
    const [line] = error.linePos ?? [];
    const place = line ? ` (line ${line.line}, column ${line.col})` : '';
    return { number, problem: `is not valid YAML: ${firstLine(error.message)}${place}` };
  }
  try {
    return { number, value: withoutNulls(document.toJS({ maxAliasCount: MAX_ALIASES })) };
  } catch (cause) {
    return { number, problem: `is not valid YAML: ${firstLine(messageOf(cause))}` };
  }
}

/** The reader's message goes on with a drawing of the place. */
const firstLine = (message: string): string =>
  (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
