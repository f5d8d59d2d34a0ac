import type { CatalogueEntry } from './catalogue-entry.ts';

export type * from './catalogue-entry.ts';
export declare function parseCatalogueEntry(value: unknown): CatalogueEntry;
