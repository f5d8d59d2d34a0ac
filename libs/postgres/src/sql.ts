import { createHash } from 'node:crypto';

const NAME_DIGITS = 32;

/** A name inside a statement, quoted; made with `sql.identifier`. */
export class Identifier {
  readonly text: string;

  constructor(name: string) {
    this.text = `"${name.replaceAll('"', '""')}"`;
  }
}

/**
 * A statement as a tagged template: db<Row>`select * from orders where order_id = ${id}`. Values are always sent as
 * parameters, never as part of the text; names are given as `sql.identifier(name)`.
 */
export type Sql = <Row extends object = Record<string, unknown>>(
  strings: TemplateStringsArray,
  ...values: readonly unknown[]
) => Promise<Row[]>;

export const sql = { identifier: (name: string): Identifier => new Identifier(name) } as const;

/** What the driver is given. */
export interface Statement {
  /** What it is prepared under, once per connection. */
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The text with $1, $2, … in place of the values. */
export function statementOf(strings: TemplateStringsArray, values: readonly unknown[]): Statement {
  let text = strings[0] ?? '';
  const parameters: unknown[] = [];
  values.forEach((value, at) => {
    text += value instanceof Identifier ? value.text : `$${parameters.push(value)}`;
    text += strings[at + 1] ?? '';
  });
  return { text, values: parameters };
}

const named = new WeakMap<TemplateStringsArray, { readonly name: string; readonly text: string }>();

/**
 * As {@link statementOf}, to be parsed and planned once per connection where the text is always the same: a template of the source code without
 * names in it. One without values may consist of several statements, which cannot be prepared.
 */
export function preparedOf(strings: TemplateStringsArray, values: readonly unknown[]): Statement {
  const known = named.get(strings);
  if (known) return { ...known, values };
  const statement = statementOf(strings, values);
  if (values.length === 0 || values.some((value) => value instanceof Identifier)) return statement;
  const { text } = statement;
  const prepared = { name: `ebb_${createHash('sha256').update(text).digest('hex').slice(0, NAME_DIGITS)}`, text };
  named.set(strings, prepared);
  return { ...prepared, values };
}
