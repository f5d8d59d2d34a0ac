import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const CONTACT_TOKEN = 'a token for tests';

/** Stands in for accounts: it tells what a test has given it to whoever has the token. */
export interface AccountsStandIn {
  readonly url: string;
  /** By path. */
  readonly answers: Map<string, unknown>;
  /** Answered to everything, while it is set. */
  status: number | undefined;
  /** Done before an answer is given. */
  before: (() => Promise<unknown>) | undefined;
  close(): Promise<void>;
}

export async function startAccounts(): Promise<AccountsStandIn> {
  const state: Omit<AccountsStandIn, 'url' | 'close'> = { answers: new Map(), status: undefined, before: undefined };
  const server = createServer(({ url = '', headers }, response) => {
    const answer = state.answers.get(url);
    const isAllowed = headers.authorization === `Bearer ${CONTACT_TOKEN}`;
    response.statusCode = state.status ?? (!isAllowed ? 401 : answer === undefined ? 404 : 200);
    const respond = (): unknown => response.end(JSON.stringify(answer ?? {}));
    (state.before?.() ?? Promise.resolve()).then(respond, (error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
