import type { CatalogueEntry } from '@ebb/catalogue';

/** Runs `node <main> --describe`. */
export declare function describeService(main: string): Promise<CatalogueEntry>;
