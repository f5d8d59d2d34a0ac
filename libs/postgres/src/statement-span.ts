import { SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
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

/** Runs a statement in a CLIENT span of its own. The text holds placeholders only, so no value gets into a trace. */
export async function inStatementSpan<T>(
  tracer: Tracer | undefined,
  text: string,
  run: () => Promise<T>,
  name: string = statementName(text),
): Promise<T> {
  if (!tracer) return run();
  const span = tracer.startSpan(name, {
    kind: SpanKind.CLIENT,
    attributes: { 'db.system.name': 'postgresql', 'db.query.text': text.trim() },
  });
  try {
    return await run();
  } catch (error) {
    span.recordException(error instanceof Error ? error : messageOf(error));
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    throw error;
  } finally {
    span.end();
  }
}
