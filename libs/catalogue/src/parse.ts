import { SchemaViolationError, type Violation } from '@ebb/core';
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import type { CatalogueEntry } from './catalogue-entry.ts';
import { inconsistenciesOf } from './consistency.ts';
import { entrySchema } from './entry-schema.ts';

/** zod/mini has no words of its own; given here, they stay out of the configuration that all of a process shares. */
const { localeError } = en();

/**
 * Checks what `--describe` printed, or what a file says, and returns it typed. Members that are not known are dropped.
 * @throws SchemaViolationError with every violation, each with its JSON Pointer
 */
export function parseCatalogueEntry(value: unknown): CatalogueEntry {
  const result = z.safeParse(entrySchema, value, { error: localeError });
  if (!result.success) throw violated(result.error.issues.map(violationOf));
  const inconsistencies = inconsistenciesOf(result.data);
  if (inconsistencies.length > 0) throw violated(inconsistencies);
  return result.data;
}

function violationOf({ path, message }: z.core.$ZodIssue): Violation {
  return { path: path.map((key) => `/${escaped(String(key))}`).join(''), message };
}

/** RFC 6901 */
function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function violated(violations: readonly Violation[]): SchemaViolationError {
  return new SchemaViolationError('the catalogue entry is not valid', violations);
}
