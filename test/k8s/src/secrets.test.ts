import { execFile } from 'node:child_process';
import { createPrivateKey, createPublicKey, sign, verify, type JsonWebKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { changesOf, FakeMachine, ROOT, type Ran } from './scripts.fixture.ts';

interface Secret {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly stringData: Readonly<Record<string, string>>;
}

interface ChartInput {
  readonly apps: Readonly<
    Record<
      string,
      {
        kind: string;
        schema?: string;
        settings: readonly { name: string; secret: boolean; required: boolean; key?: true }[];
      }
    >
  >;
}

const { apps } = parse(readFileSync(join(ROOT, 'helm/ebb/files/ebb.yaml'), 'utf8')) as ChartInput;

let machine: FakeMachine;
let ran: Ran;
let secrets: Readonly<Record<string, Secret>>;
beforeAll(async () => {
  machine = new FakeMachine();
  ran = await machine.run('kind.sh up');
  secrets = secretsOf(machine.given());
});
afterAll(() => machine.remove());

/** The Secrets that the cluster was given. */
function secretsOf(given: string): Readonly<Record<string, Secret>> {
  const documents = given.split(/^(?:---\n)?(?=apiVersion:)/m).filter((text) => /^kind: Secret$/m.test(text));
  const secrets = documents.map((text) => parse(text) as Secret);
  return Object.fromEntries(secrets.map((each) => [each.metadata.name, each]));
}

const runNode = (script: string, ...args: string[]) =>
  promisify(execFile)(process.execPath, [join(ROOT, 'k8s', script), ...args]);

/** Whether what is signed with the private key is believed by those that know the set. */
function matches(privateJwk: string, publicJwks: string): boolean {
  const own = JSON.parse(privateJwk) as JsonWebKey & { kid: string };
  const set = JSON.parse(publicJwks) as { keys: (JsonWebKey & { kid: string })[] };
  const known = set.keys.find(({ kid }) => kid === own.kid);
  if (!known) return false;
  const text = Buffer.from('hello');
  const signature = sign(null, text, createPrivateKey({ key: own, format: 'jwk' }));
  return verify(null, text, createPublicKey({ key: known, format: 'jwk' }), signature);
}

describe('the Secrets', () => {
  it('have a key for everything that the chart wants, and a password of its own in each', () => {
    const databases = Object.entries(apps).flatMap(([name, { schema }]) =>
      schema === undefined ? [] : [[name, schema]],
    );
    const database = secrets['ebb-database']?.stringData ?? {};
    expect(Object.keys(database).sort()).toEqual(
      ['admin-url', 'relay-url', ...databases.map(([name]) => `${name!}-url`)].sort(),
    );
    const passwords = Object.values(database).map((url) => new URL(url).password);
    expect(new Set(passwords).size).toBe(passwords.length);
    for (const password of passwords.slice(1)) expect(password).toMatch(/^[A-Za-z0-9]{40}$/);
    for (const [name, schema] of databases) {
      const { username, host, pathname } = new URL(database[`${name!}-url`] ?? '');
      expect([username, host, pathname]).toEqual([`svc_${schema!}`, 'ebb-postgres.ebb-data:5432', '/ebb']);
    }
    const settings = Object.values(apps)
      .filter(({ kind }) => kind === 'service')
      .flatMap((app) => app.settings.filter(({ secret, required }) => secret && required));
    const given = secrets['ebb-settings']?.stringData ?? {};
    expect(Object.keys(given)).toEqual([...new Set(settings.map(({ name }) => name))].sort());
    expect(given.WEBHOOK_SECRET).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    for (const { name, key } of settings) if (key) expect(given[name]).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(Object.keys(secrets['ebb-operator']?.stringData ?? {})).toEqual(['token', 'control-token']);
  });

  it('have both halves of one key pair, made once and never touched again', async () => {
    const { 'private.jwk': own = '', 'public.jwks': known = '' } = secrets['ebb-identity']?.stringData ?? {};
    expect(matches(own, known)).toBe(true);
    expect(known).not.toContain('"d"');
    const again = await machine.run('kind.sh up');
    expect(again.output).toContain('Secret ebb-identity is here already');
    expect(changesOf(again)).toEqual([]);
  });

  it('of a gateway get a successor that leaves the key of before in the set', async () => {
    const before = join(machine.folder, 'public.jwks');
    writeFileSync(before, secrets['ebb-identity']?.stringData['public.jwks'] ?? '');
    const { stdout } = await runNode('identity.mjs', 'shop', '--name', 'keys', '--keep', before);
    const { metadata, stringData } = parse(stdout) as Secret;
    expect(metadata).toEqual({ name: 'keys', namespace: 'shop' });
    const { keys } = JSON.parse(stringData['public.jwks'] ?? '') as { keys: { kid: string }[] };
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(2);
    expect(matches(stringData['private.jwk'] ?? '', stringData['public.jwks'] ?? '')).toBe(true);
    await expect(runNode('identity.mjs')).rejects.toThrow('usage: node k8s/identity.mjs NAMESPACE');
  });

  it('stand on no command line', () => {
    const { calls, output } = ran;
    const values = Object.values(secrets).flatMap(({ stringData }) => Object.values(stringData));
    expect(values.length).toBeGreaterThan(8);
    for (const value of values) expect(`${calls.join('\n')}${output}`).not.toContain(value);
  });

  it('get the keys that they miss, and keep those that they have', async () => {
    machine.set(join('objects', 'secret_ebb-database'), 'admin-url\nrelay-url\norders-url\n');
    const again = await machine.run('kind.sh up');
    expect(changesOf(again)).toEqual([expect.stringContaining('patch secret ebb-database -n ebb --type=merge')]);
    const missing = Object.entries(apps).filter(([name, { schema }]) => schema !== undefined && name !== 'orders');
    expect(Object.keys(secretsOf(machine.given())['ebb-database']?.stringData ?? {})).toEqual(
      missing.map(([name]) => `${name}-url`),
    );
  });

  it('are not made anew for a database that still has its data', async () => {
    const other = new FakeMachine();
    other.has('persistentvolumeclaim/data-ebb-postgres-0');
    const { code, output } = await other.run('kind.sh up').finally(() => other.remove());
    expect(code).toBe(1);
    expect(output).toContain('Secret ebb-postgres with its password is gone');
  });
});
