import { createHash } from 'node:crypto';
import type pg from 'pg';

/** What a fresh database is a copy of: made when the first test of a server asks, and copied from then on. */
export interface Template {
  /** Tells templates apart: the same key stands for the same content. */
  readonly key: string;
  /** Fills the template; it must leave no connection open, because PostgreSQL copies no database that is in use. */
  readonly prepare: (url: string) => Promise<void>;
}

const EXISTS = 'select from pg_database where datname = $1';
/** Only what is whole has the name: of a preparation that failed nothing is left but a database that nobody asks for. */
const LOCK = 'select pg_advisory_lock(hashtextextended($1, 0))';

/** The name of the database to copy. Test files that ask for the same one at the same time wait for the first. */
export async function templateOf(admin: pg.Client, server: string, { key, prepare }: Template): Promise<string> {
  const name = `template_${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
  await admin.query(LOCK, [name]);
  if ((await admin.query(EXISTS, [name])).rowCount === 0) {
    const draft = `${name}_draft`;
    const url = new URL(server);
    url.pathname = `/${draft}`;
    await admin.query(`drop database if exists ${draft} with (force)`);
    await admin.query(`create database ${draft} template template0 strategy file_copy`);
    await prepare(url.href);
    await admin.query(`alter database ${draft} rename to ${name}`);
  }
  return name;
}
