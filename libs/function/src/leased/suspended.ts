/** Ends a handler that waits, until it is woken. It passes through the handler's own code, so that code must let it. */
export class Suspended extends Error {
  constructor(what: string) {
    super(`the handler waits (${what}) and runs again when it is woken: let this pass`);
    this.name = 'Suspended';
  }
}
