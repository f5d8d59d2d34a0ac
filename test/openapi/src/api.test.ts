import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenApiDocument } from '@ebb/openapi';
import { copyWorkspace, Ebb, type WorkspaceCopy } from '@ebb/testing/local';
import { Client } from './client.ts';
import { signUp, type Tokens } from './person.ts';
import { attack, HAS_SCHEMATHESIS } from './schemathesis.ts';

const APPS = ['orders', 'inventory', 'relay', 'accounts', 'notifications', 'gateway'];
const START_DEADLINE_MS = 120_000;
const ATTACK_DEADLINE_MS = 300_000;

/** The same in each run, so that a finding is of what was changed; another one looks elsewhere. */
const seed = Number(process.env.EBB_SEED ?? 1);

const client = new Client();
let workspace: WorkspaceCopy;
let ebb: Ebb;
let document: OpenApiDocument;
/** Made at the start: whoever attacks sign-ups uses up what one client may ask for. */
let user: Tokens;

beforeAll(async () => {
  workspace = copyWorkspace(import.meta.dirname, { apps: APPS });
  ebb = await Ebb.start(workspace, ['--no-watch'], { readyWithinMs: START_DEADLINE_MS });
  document = (await ebb.http('gateway', '/openapi.json')).json<OpenApiDocument>();
  await client.generate(document);
  user = await signUp(ebb);
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
const headers = { authorization: \`Bearer \${TOKEN}\` };
const api = createClient<paths>({ baseUrl: \`http://gateway.localhost:\${PORT}\`, headers });

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
    const { userId, accessToken } = user;
    const printed = await client.run({ PORT: String(ebb.port), TOKEN: accessToken, USER: userId });
    expect(JSON.parse(printed)).toEqual({ userId, status: 404 });
  }, 120_000);

  it('gives a client that refuses what does not fit', async () => {
    const wrong = PROGRAM.replace('{ userId: USER }', '{ user: USER }');
    expect(await client.compile(wrong)).toContain("'user' does not exist");
  }, 60_000);

  (HAS_SCHEMATHESIS || process.env.EBB_SCHEMATHESIS_REQUIRED ? it : it.skip).each(['nobody', 'a user'])(
    'has every answer to whatever %s sends',
    async (who) => {
      const file = join(workspace.root, 'openapi.json');
      writeFileSync(file, JSON.stringify(document));
      const token = who === 'nobody' ? undefined : user.accessToken;
      const { ok, output } = await attack({ port: ebb.port, file, seed, ...(token !== undefined && { token }) });
      expect(ok ? '' : `seed ${seed}\n${output}`).toBe('');
    },
    ATTACK_DEADLINE_MS,
  );
});
