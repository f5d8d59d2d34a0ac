import type { CatalogueEntry } from '@ebb/catalogue';
import { HttpProblem, valueAtPointer, type Json } from '@ebb/core';
import type { CheckEdit } from './dead-letters.ts';

/** Checks data against the schema that the catalogue has for its type. @throws HttpProblem 422 */
export type CheckData = (type: string, data: Json) => Promise<void>;

/**
 * An edited payload has to fit the type's schema, where one is declared, and stay with its key: an event of another key would come out of the order of
 * both.
 */
export function checkEdit(entries: () => readonly CatalogueEntry[], checkData: CheckData): CheckEdit {
  return async ({ type, event }, data) => {
    const declared = entries()
      .flatMap((entry) => entry.events)
      .find((candidate) => candidate.type === type);
    if (!declared) return;
    await checkData(type, data);
    const before = event.partitionkey;
    const now = declared.key === undefined ? before : valueAtPointer(data, declared.key);
    if (before === undefined || now === before) return;
    throw new HttpProblem(
      422,
      `${declared.key} may not change from ${JSON.stringify(before)} to ${JSON.stringify(now)}: it is the event's key. Discard this one and publish another`,
    );
  };
}
