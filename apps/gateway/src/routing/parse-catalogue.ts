import { parseCatalogueEntry, type CatalogueEntry } from '@ebb/catalogue';
import { parseJson, type Json } from '@ebb/core';

/**
 * Reads the catalogue of what is installed: `{"entries": […]}`.
 * @throws Error whose message says what is wrong, and with which entry
 */
export function parseCatalogue(content: string): readonly CatalogueEntry[] {
  const document = parseJson(content);
  const entries: unknown = isObject(document) ? document.entries : undefined;
  if (!Array.isArray(entries)) throw new Error('it has no list of entries');
  return (entries as readonly unknown[]).map((entry, at) => {
    try {
      return parseCatalogueEntry(entry);
    } catch (error) {
      throw new Error(`entry ${at}: ${(error as Error).message}`, { cause: error });
    }
  });
}

function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
