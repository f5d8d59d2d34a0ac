export type { EmbeddedPostgres, PostgresCrash } from './embedded-postgres.ts';
export { removeData as removePostgres } from './placement.ts';
export { startPostgres, type PostgresOptions } from './start.ts';
