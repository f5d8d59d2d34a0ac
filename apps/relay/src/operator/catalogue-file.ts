import { readFile } from 'node:fs/promises';
import { parseCatalogueEntry, type CatalogueEntry } from '@ebb/catalogue';
import { EbbError, messageOf, parseJson } from '@ebb/core';

/**
 * What is installed, as the platform wrote it down.
 * @throws EbbError EBB_CONFIG when the file cannot be read, or is none of ours
 */
export async function readCatalogue(file: string): Promise<readonly CatalogueEntry[]> {
  try {
    const document = parseJson(await readFile(file, 'utf8'));
    const entries = isObject(document) ? document.entries : undefined;
    if (!Array.isArray(entries)) throw new Error('it has no list of entries');
    return entries.map(parseCatalogueEntry);
  } catch (error) {
    throw new EbbError('EBB_CONFIG', `CATALOGUE_FILE ${file}: ${messageOf(error)}`, { cause: error });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
