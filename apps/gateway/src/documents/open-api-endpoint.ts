import { createHash } from 'node:crypto';

import { GATEWAY_ANSWERS, isPublic, openApiOf } from '@ebb/openapi';

import type { Endpoint } from '../endpoints.ts';
import type { RouteTable } from '../routing/route-table.ts';
import { fixedAnswer, type FixedContent } from './fixed-answer.ts';

export const OPEN_API_PATH = '/openapi.json';

/** The API of all services, as it is served now. A document is made once for each table. */
export function openApiEndpoint(tableOf: () => RouteTable, title: string): Endpoint {
  const documents = new WeakMap<RouteTable, FixedContent>();
  return {
    method: 'GET',
    path: OPEN_API_PATH,
    answer: (exchange) => {
      const table = tableOf();
      const content = documents.get(table) ?? documentOf(table, title);
      documents.set(table, content);
      return fixedAnswer(exchange.headers, content);
    },
  };
}

/** Two services that want one address get neither of them served, so the document has neither. */
function documentOf({ entries }: RouteTable, title: string): FixedContent {
  const document = openApiOf(entries, {
    ...{ title, version: versionOf(entries), servers: [{ url: '/' }], includes: isPublic },
    further: GATEWAY_ANSWERS,
    twins: 'omit',
  });
  return { type: 'application/json', body: Buffer.from(JSON.stringify(document)) };
}

/** The same for the same services: what runs has no other version as a whole. */
function versionOf(entries: RouteTable['entries']): string {
  const versions = entries.map(({ name, version }) => `${name}@${version}`).sort();
  return createHash('sha256').update(versions.join()).digest('hex').slice(0, 12);
}
