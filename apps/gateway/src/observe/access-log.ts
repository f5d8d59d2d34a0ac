import type { HttpExchange } from '../pipeline/http-exchange.ts';

/** Parameters of paths that let in whoever knows them. */
const SECRET_PARAM = /token|secret|code|key|password/i;
const MICROSECONDS = 1_000;

/** One line for each request. Queries and headers are not in it: they are where tokens are. */
export function logAccess(exchange: HttpExchange, status: number, durationMs: number): void {
  const { method, route, client, caller, refused, bytesOut, isOwnAnswer } = exchange;
  exchange.log.info(
    {
      method,
      path: loggedPath(exchange),
      route: route.id,
      status,
      durationMs: Math.round(durationMs * MICROSECONDS) / MICROSECONDS,
      bytes: bytesOut,
      client: client.address,
      ...(route.upstream && !isOwnAnswer && { upstream: route.upstream.name }),
      ...(caller && { subject: caller.subject }),
      ...(refused && { refused }),
    },
    'request',
  );
}

function loggedPath({ path, params }: HttpExchange): string {
  let logged = path;
  for (const name in params) {
    const value = params[name] ?? '';
    if (value !== '' && SECRET_PARAM.test(name)) logged = logged.replaceAll(encodeURIComponent(value), '***');
  }
  return logged;
}
