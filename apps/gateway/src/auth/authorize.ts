import { refusalOf } from '@ebb/function/identity';
import type { Policy } from '../pipeline/exchange.ts';
import { refusal } from '../pipeline/refusal.ts';

/** Holds the caller against the route's access, by the same rule as the service itself, which asks again. */
export const authorizePolicy: Policy = ({ route: { access }, caller, params }) => {
  if (access === 'anyone') return undefined;
  const owner = typeof access === 'object' && access.owner !== undefined ? params[access.owner] : undefined;
  const refused = refusalOf(access, caller, owner);
  if (!refused) return undefined;
  const headers = { 'www-authenticate': refused.challenge };
  return refusal(refused.status === 401 ? 'unauthenticated' : 'forbidden', refused.status, refused.detail, { headers });
};
