/** The parts of the driver that it does not declare: what its queries call, and what calls them. */
export interface Wire {
  readonly stream: { readonly writable: boolean; write(bytes: Buffer): boolean };
  readonly parsedStatements: Record<string, string>;
  readonly submittedNamedStatements: Record<string, string>;
  parse(message: { readonly name?: string }): void;
  bind(message: BindMessage): void;
  describe(message: object): void;
  execute(message: object): void;
  close(message: object): void;
  sync(): void;
}

export interface BindMessage {
  readonly values: readonly unknown[];
  readonly valueMapper: (value: unknown) => unknown;
}

export interface DriverQuery {
  prepare(wire: object): void;
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, wire: Wire): void;
  handleEmptyQuery(wire: Wire): void;
  handleError(error: Error, wire: Wire): void;
  handleReadyForQuery(wire: Wire): void;
}

export interface Member {
  readonly query: DriverQuery;
  readonly name: string | undefined;
  readonly text: string;
}
