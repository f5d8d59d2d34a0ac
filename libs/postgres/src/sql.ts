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
