import type { CatalogueEntry } from '@ebb/catalogue';

/** The function that a dead letter was meant for, where one is known. */
export interface FailedFunction {
  readonly entry: CatalogueEntry;
  readonly fn: string;
}

const FUNCTION_PATH = /^\/functions\/([a-z0-9-]+)$/;

/** Reads `knativeerrordest`: the host's first label is the service, the path says which of its functions. */
export function failedFunction(
  url: string | undefined,
  entries: readonly CatalogueEntry[],
): FailedFunction | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { hostname, pathname } = new URL(url);
  const entry = entries.find(({ name }) => name === hostname.split('.')[0]);
  const fn = FUNCTION_PATH.exec(pathname)?.[1];
  return entry?.functions.some(({ name }) => name === fn) && fn !== undefined ? { entry, fn } : undefined;
}
