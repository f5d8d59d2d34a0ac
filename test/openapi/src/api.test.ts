import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenApiDocument } from '@ebb/openapi';
import { copyWorkspace, Ebb, type WorkspaceCopy } from '@ebb/testing/local';
import { Client } from './client.ts';
import { signUp } from './person.ts';
import { attack, HAS_SCHEMATHESIS } from './schemathesis.ts';

const APPS = ['orders', 'inventory', 'relay', 'accounts', 'notifications', 'gateway'];
const START_DEADLINE_MS = 120_000;
const ATTACK_DEADLINE_MS = 300_000;

const client = new Client();
let workspace: WorkspaceCopy;
let ebb: Ebb;
let document: OpenApiDocument;

beforeAll(async () => {
  workspace = copyWorkspace(import.meta.dirname, { apps: APPS });
  ebb = await Ebb.start(workspace, ['--no-watch'], { readyWithinMs: START_DEADLINE_MS });
  document = (await ebb.http('gateway', '/openapi.json')).json<OpenApiDocument>();
  await client.generate(document);
}, START_DEADLINE_MS);

afterAll(async () => {
  client.remove();
  await ebb.stop();
  workspace.remove();
});

const PROGRAM = `
import createClient from 'openapi-fetch';
import type { components, paths } from './api.d.ts';

const { PORT = '', TOKEN = '', USER = '' } = process.env;
const headers = { host: \`gateway.localhost:\${PORT}\`, authorization: \`Bearer \${TOKEN}\` };
const api = createClient<paths>({ baseUrl: \`http://127.0.0.1:\${PORT}\`, headers });

const user = await api.GET('/users/{userId}', { params: { path: { userId: USER } } });
const missing = await api.GET('/orders/{orderId}', { params: { path: { orderId: crypto.randomUUID() } } });
const problem: components['schemas']['Problem'] | undefined = missing.error;
console.log(JSON.stringify({ userId: user.data?.userId, status: problem?.status }));
`;

describe('the document of an API', () => {
  it('is the one that the command prints', async () => {
    const printed = await ebb.cli(['openapi']);
    expect((JSON.parse(printed.stdout) as OpenApiDocument).paths).toEqual(document.paths);
  });

  it('gives a client that compiles, and works', async () => {
    expect(await client.compile(PROGRAM)).toBe('');
    const { userId, accessToken } = await signUp(ebb);
    const printed = await client.run({ PORT: String(ebb.port), TOKEN: accessToken, USER: userId });
    expect(JSON.parse(printed)).toEqual({ userId, status: 404 });
  }, 120_000);

  it('gives a client that refuses what does not fit', async () => {
    const wrong = PROGRAM.replace('{ userId: USER }', '{ user: USER }');
    expect(await client.compile(wrong)).toContain("'user' does not exist");
  }, 60_000);

  // What it sends follows from the seed, so a finding can be had again.
  (HAS_SCHEMATHESIS || process.env.EBB_SCHEMATHESIS_REQUIRED ? it : it.skip).each(['nobody', 'a user'])(
    'has every answer to whatever %s sends',
    async (who) => {
      const file = join(workspace.root, 'openapi.json');
      writeFileSync(file, JSON.stringify(document));
      const seed = Math.floor(Math.random() * 2 ** 31);
      const person = who === 'nobody' ? undefined : await signUp(ebb);
      const { ok, output } = await attack({
        ...{ port: ebb.port, file, seed },
        ...(person && { token: person.accessToken }),
      });
      expect(ok ? '' : `seed ${seed}\n${output}`).toBe('');
    },
    ATTACK_DEADLINE_MS,
  );
});
