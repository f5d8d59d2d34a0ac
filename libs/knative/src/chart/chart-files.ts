import type { CatalogueEntry } from '@ebb/catalogue';
import { EbbError } from '@ebb/core';
import { stringify } from 'yaml';
import { chartInputOf } from './chart-input.ts';

/** A ConfigMap holds 1 MiB. */
const MAX_CATALOGUE_BYTES = 900_000;
const RELAY_ROLE = 'ebb_relay';
const MADE_BY =
  '# Made by `ebb render --chart`: what the definitions of the services come to. Change those, not this.\n';

/**
 * The files that a chart needs beside its templates, by their path in it. The code's hash is left out: an image's tag says which code it is, and
 * the files change only when definitions do.
 * @throws EbbError EBB_DEFINITION when entries contradict each other, or are too many for a ConfigMap
 */
export function chartFilesOf(entries: readonly CatalogueEntry[]): Readonly<Record<string, string>> {
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1)).map(withoutHash);
  const catalogue = `${JSON.stringify({ entries: sorted })}\n`;
  if (Buffer.byteLength(catalogue) > MAX_CATALOGUE_BYTES) {
    throw new EbbError(
      'EBB_DEFINITION',
      `the catalogue is over ${MAX_CATALOGUE_BYTES} bytes: split the workspace into two charts`,
    );
  }
  return {
    'files/ebb.yaml': `${MADE_BY}${stringify(chartInputOf(sorted), { aliasDuplicateObjects: false, lineWidth: 0 })}`,
    'files/catalogue.json': catalogue,
    'files/database-roles.txt': databaseRoles(sorted),
  };
}

/** Keys of the Secret with the database's URLs, and the role that each is for: scripts read it to make that Secret. */
function databaseRoles(entries: readonly CatalogueEntry[]): string {
  return entries
    .flatMap(({ name, database, outboxes }) =>
      database ? [`${name}-url svc_${database.schema}\n`] : outboxes ? [`${name}-url ${RELAY_ROLE}\n`] : [],
    )
    .join('');
}

function withoutHash(entry: CatalogueEntry): CatalogueEntry {
  return { ...entry, version: entry.version.split('+')[0] ?? entry.version };
}
