import { join } from 'node:path';
import type { CatalogueEntry } from '@ebb/catalogue';
import { writeWhole, type StateDirectory } from '../workspace/state.ts';

/** What is installed, as workers read it: replaced as a whole, so that it is never seen half written. */
export class CatalogueFile {
  readonly path: string;

  constructor(state: StateDirectory) {
    this.path = join(state.folder('run'), 'catalogue.json');
  }

  write(entries: readonly CatalogueEntry[]): void {
    writeWhole(this.path, { entries });
  }
}
