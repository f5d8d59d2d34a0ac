import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EbbError, messageOf } from '@ebb/core';

/** How to authenticate to a Kafka. */
export interface KafkaCredentials {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

/** Encryption; the files' contents, in PEM. */
export interface KafkaTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Where a Kafka is, and how to get in. */
export interface KafkaConnection {
  /** `host:port`, in the order given. */
  readonly brokers: readonly string[];
  readonly tls?: KafkaTls;
  readonly credentials?: KafkaCredentials;
}

const FORM = /^(?:kafka:\/\/)?(?:(?<user>[^@/?]*)@)?(?<hosts>[^@/?]+)\/?(?:\?(?<query>.*))?$/;
const BROKER = /^(?:\[[\da-f:.]+\]|[\w.-]+):\d{1,5}$/i;
const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
const FILES = ['ca', 'cert', 'key'];
const PARAMETERS = ['tls', ...FILES, 'mechanism'];

/**
 * Reads `kafka://user:password@host:port,host:port/?tls=true&mechanism=scram-sha-512&ca=/path`, or only `host:port,…`.
 * @throws EbbError EBB_CONFIG; its message never has the password in it
 */
export function parseKafkaUrl(text: string): KafkaConnection {
  const { user, hosts, query } = FORM.exec(text.trim())?.groups ?? {};
  if (hosts === undefined) throw invalid('is no address: write host:port, or kafka://user:password@host:port');
  const brokers = hosts.split(',').map((broker) => broker.trim());
  const wrong = brokers.find((broker) => !BROKER.test(broker) || Number(broker.split(':').at(-1)) > 65_535);
  if (wrong !== undefined) throw invalid(`"${wrong}" is no host:port`);
  const parameters = new URLSearchParams(query);
  const unknown = [...parameters.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) throw invalid(`has no parameter "${unknown}": there are ${PARAMETERS.join(', ')}`);
  const tls = tlsOf(parameters);
  const credentials = credentialsOf(user, parameters.get('mechanism'));
  return { brokers, ...(tls && { tls }), ...(credentials && { credentials }) };
}

/** Whether an address is a Kafka's. */
export function isKafkaUrl(url: string): boolean {
  return url.startsWith('kafka://');
}

/**
 * The address in full, the same wherever it is read: with credentials that came by another way, and files by their whole path.
 * @throws EbbError EBB_CONFIG
 */
export function kafkaUrl(
  text: string,
  { username, password }: { readonly username?: string | undefined; readonly password?: string | undefined } = {},
): string {
  const { brokers, credentials } = parseKafkaUrl(text);
  const user = credentials?.username ?? username;
  const secret = credentials?.password ?? password ?? '';
  const parameters = new URLSearchParams(FORM.exec(text.trim())?.groups?.query);
  for (const name of FILES) {
    const path = parameters.get(name);
    if (path !== null) parameters.set(name, resolve(path));
  }
  const login = user === undefined ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(secret)}@`;
  const query = parameters.size > 0 ? `?${parameters.toString()}` : '';
  return `kafka://${login}${brokers.join(',')}/${query}`;
}

/** For people: only where it is. */
export function kafkaAddress({ brokers }: KafkaConnection): string {
  return brokers.join(',');
}

function tlsOf(parameters: URLSearchParams): KafkaTls | undefined {
  const tls = parameters.get('tls');
  if (tls !== null && tls !== 'true' && tls !== 'false') throw invalid('takes tls=true or tls=false');
  const files = Object.fromEntries(
    FILES.flatMap((name) => {
      const path = parameters.get(name);
      return path === null ? [] : [[name, read(name, path)]];
    }),
  ) as KafkaTls;
  if (tls === 'false' || (tls === null && Object.keys(files).length === 0)) return undefined;
  return files;
}

function read(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalid(`names the file ${path} as ${name}, which cannot be read: ${messageOf(error)}`);
  }
}

function credentialsOf(user: string | undefined, named: string | null): KafkaCredentials | undefined {
  const mechanism = MECHANISMS.find((known) => known === (named ?? 'plain').toLowerCase());
  if (!mechanism) throw invalid(`has no mechanism "${named ?? ''}": there are ${MECHANISMS.join(', ')}`);
  if (user === undefined || user === '') return undefined;
  const [username = '', ...password] = user.split(':');
  return { mechanism, username: decoded(username), password: decoded(password.join(':')) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('has a user or password that is not percent-encoded');
  }
}

function invalid(what: string): EbbError {
  return new EbbError('EBB_CONFIG', `the address of Kafka ${what}`);
}
