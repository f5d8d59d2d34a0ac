import type { CatalogueEntry } from '@ebb/catalogue';
import { type Logger } from '@ebb/core';

import { issuersOf, routesOf } from './catalogue-routes.ts';
import { parseCatalogue } from './parse-catalogue.ts';
import { RouteTable } from './route-table.ts';
import { parseRoutesFile, type OwnRoutes } from './routes-file.ts';
import { WatchedFile, type FileNews } from './watched-file.ts';

export interface TableSourceOptions {
  readonly catalogueFile: string;
  /** The gateway's own routes. */
  readonly routesFile: string | undefined;
  /** SERVICES_URL */
  readonly servicesUrl: string;
  readonly log: Logger;
}

const EMPTY = new RouteTable({ routes: [], issuers: [] });
const NO_ROUTES: OwnRoutes = { routes: [], issuers: [] };
const LOOK_EVERY_MS = 500;

/**
 * The routes that hold now. A file that changed takes effect as a whole, and at once for every request that comes after; one that is not
 * valid changes nothing.
 */
export class TableSource {
  readonly #options: TableSourceOptions;
  readonly #catalogueFile: WatchedFile<readonly CatalogueEntry[]>;
  readonly #routesFile: WatchedFile<OwnRoutes>;
  readonly #listeners: ((table: RouteTable) => void)[] = [];
  readonly #troubleListeners: ((troubles: readonly string[]) => void)[] = [];
  readonly #troubles = new Map<string, string>();
  #entries: readonly CatalogueEntry[] | undefined;
  #own: OwnRoutes | undefined;
  #table = EMPTY;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TableSourceOptions) {
    this.#options = options;
    this.#catalogueFile = new WatchedFile(options.catalogueFile, parseCatalogue);
    this.#routesFile = new WatchedFile(options.routesFile, (content) => parseRoutesFile(content, options.servicesUrl));
    if (options.routesFile === undefined) this.#own = NO_ROUTES;
  }

  /** Reads the files, and goes on looking at them until `close`. */
  async start(): Promise<void> {
    await this.look();
    const again = (): void => {
      void this.look().then(() => {
        if (this.#timer) this.#timer = setTimeout(again, LOOK_EVERY_MS).unref();
      });
    };
    this.#timer = setTimeout(again, LOOK_EVERY_MS).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  get table(): RouteTable {
    return this.#table;
  }

  /** Whether both files were valid once: before that a request cannot be told from one that has no route. */
  get isComplete(): boolean {
    return this.#entries !== undefined && this.#own !== undefined;
  }

  /** What is wrong with the files as they are now; the table is of what they were before. */
  get troubles(): readonly string[] {
    return [...this.#troubles.values()];
  }

  /** Calls back at once, and with each table that takes this one's place. */
  onTable(listener: (table: RouteTable) => void): void {
    this.#listeners.push(listener);
    listener(this.#table);
  }

  /** Calls back at once, and whenever what is wrong changes. */
  onTroubles(listener: (troubles: readonly string[]) => void): void {
    this.#troubleListeners.push(listener);
    listener(this.troubles);
  }

  /** Looks at the files now. Never rejects. */
  async look(): Promise<void> {
    const entries = this.#hear('catalogue', await this.#catalogueFile.look());
    const own = this.#hear('routes', await this.#routesFile.look());
    if (entries === undefined && own === undefined) return;
    this.#entries = entries ?? this.#entries;
    this.#own = own ?? this.#own;
    this.#replace();
  }

  #hear<T>(file: string, news: FileNews<T>): T | undefined {
    if (news === undefined) return undefined;
    const isRight = 'value' in news;
    if (isRight) this.#troubles.delete(file);
    else {
      this.#troubles.set(file, news.trouble);
      this.#options.log.error({ file }, `the routes stay as they are: ${news.trouble}`);
    }
    for (const listener of this.#troubleListeners) listener(this.troubles);
    return isRight ? news.value : undefined;
  }

  #replace(): void {
    const { servicesUrl, log } = this.#options;
    const entries = this.#entries ?? [];
    const own = this.#own ?? NO_ROUTES;
    this.#table = new RouteTable({
      routes: [...routesOf(entries, servicesUrl), ...own.routes],
      issuers: [...issuersOf(entries, servicesUrl), ...own.issuers],
      entries,
    });
    for (const { method, path, claimants } of this.#table.conflicts) {
      log.error({ method, path, claimants }, `${method} ${path} is not served: ${claimants.join(' and ')} want it`);
    }
    log.info({ routes: this.#table.routes.length }, 'the routes are new');
    for (const listener of this.#listeners) listener(this.#table);
  }
}
