import type { CatalogueEntry } from './catalogue-entry.ts';

/** Whether a service has to find out who calls: it is given the public keys for that (EBB_IDENTITY_KEYS). */
export function verifiesIdentity({ routes }: Pick<CatalogueEntry, 'routes'>): boolean {
  return routes.some(({ access }) => access === 'signed-in' || (typeof access === 'object' && !('token' in access)));
}
