import type { IncomingMessage, ServerResponse } from 'node:http';

import type { RequestHandler } from './handler.ts';
import type { ServiceRuntime } from './runtime.ts';

/** The service's routes. Express is loaded at the first request for one: a function that only takes events never pays for it. */
export class RoutesEndpoint {
  readonly #runtime: ServiceRuntime;
  #app: Promise<RequestHandler> | undefined;

  constructor(runtime: ServiceRuntime) {
    this.#runtime = runtime;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#app ??= import('./express-app.ts').then(({ createApp }) => createApp(this.#runtime));
    (await this.#app)(request, response);
  }
}
