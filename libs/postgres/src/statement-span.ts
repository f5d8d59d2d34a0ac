import { SpanKind, SpanStatusCode, type Span, type Tracer } from '@opentelemetry/api';
import { messageOf } from '@ebb/core';

/** The table after the verb's keyword; a statement that starts with WITH is named by the first one that it touches. */
const TABLE = /\b(?:from|into|update|join|table)\s+(?:only\s+)?"?([\w$]+)"?(?:\s*\.\s*"?([\w$]+)"?)?/i;
const FIRST_WORD = /^[\s(]*(\w+)/;

/** A name that stays the same for all values: "SELECT orders", "COMMIT". */
export function statementName(text: string): string {
  const verb = (FIRST_WORD.exec(text)?.[1] ?? 'QUERY').toUpperCase();
  const table = TABLE.exec(text);
  const name = table?.[2] ?? table?.[1];
  return name === undefined ? verb : `${verb} ${name}`;
}

/** What a trace says of a statement; found once for each text. */
interface Description {
  readonly name: string;
  readonly attributes: { readonly 'db.system.name': 'postgresql'; readonly 'db.query.text': string };
}

/** Statements made of templates with names in them are without number. */
const MAX_DESCRIBED = 1_000;
const described = new Map<string, Description>();

function descriptionOf(text: string): Description {
  let description = described.get(text);
  if (!description) {
    const attributes = { 'db.system.name': 'postgresql', 'db.query.text': text.trim() } as const;
    description = { name: statementName(text), attributes };
    if (described.size >= MAX_DESCRIBED) described.clear();
    described.set(text, description);
  }
  return description;
}

/** Opens a CLIENT span for a statement. The text holds placeholders only, so no value gets into a trace. */
export function startStatementSpan(tracer: Tracer, text: string, name?: string): Span {
  const description = descriptionOf(text);
  const { attributes } = description;
  return tracer.startSpan(name ?? description.name, { kind: SpanKind.CLIENT, attributes });
}

/** Ends it, with the error where there is one. */
export function endStatementSpan(span: Span, error?: unknown): void {
  if (error !== undefined) {
    span.recordException(error instanceof Error ? error : messageOf(error));
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
  }
  span.end();
}

/** Runs a statement in a span of its own. */
export async function inStatementSpan<T>(
  tracer: Tracer | undefined,
  text: string,
  run: () => Promise<T>,
  name?: string,
): Promise<T> {
  if (!tracer) return run();
  const span = startStatementSpan(tracer, text, name);
  try {
    const result = await run();
    endStatementSpan(span);
    return result;
  } catch (error) {
    endStatementSpan(span, error);
    throw error;
  }
}
