import type { Duplex } from 'node:stream';
import type { ClientBase } from 'pg';

/** Closes a connection at once: the driver's own way waits for the server, which may be what is away. PostgreSQL notices, and rolls back. */
export function cutOff(client: ClientBase): void {
  (client as ClientBase & { readonly connection: { readonly stream: Duplex } }).connection.stream.destroy();
}
