import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const DOOR = `import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { defineWorker, httpClient, serve } from '@ebb/function';
import { parseIdentityKey, signIdentity } from '@ebb/function/identity';

const somebody = { subject: 'user-1', roles: [], scopes: [], issuer: 'urn:test' };

serve(defineWorker('door', {
  listens: { public: true },
  catalogue: true,
  eventLog: true,
  identity: true,
  services: true,
  database: { migrations: 'migrations' },
  async run({ config, database, listen, signal, ready }) {
    const key = parseIdentityKey(config.EBB_IDENTITY_KEY.reveal());
    const askVault = async () => {
      const headers = { 'ebb-identity': signIdentity(key, somebody, 'vault') };
      const vault = httpClient(config.SERVICES_URL.replace('{service}', 'vault'));
      return (await vault.send({ method: 'GET', path: '/who', headers })).json();
    };
    const visit = () => database.transaction(async ({ db }) => {
      await db\`insert into visits default values\`;
      return (await db\`select count(*)::int as count from visits\`)[0];
    });
    const answers = {
      '/': async () => ({ pid: process.pid }),
      '/catalogue': async () => JSON.parse(await readFile(config.CATALOGUE_FILE, 'utf8')),
      '/vault': askVault,
      '/visits': visit,
      '/log': async () => ({ user: new URL(config.EVENT_LOG_URL.reveal()).username }),
    };
    const server = createServer((request, response) => {
      if (request.url === '/crash') process.exit(9);
      const answer = answers[request.url];
      if (!answer) return response.writeHead(404).end();
      answer().then(
        (body) => response.end(JSON.stringify(body)),
        (error) => response.writeHead(500).end(String(error)),
      );
    });
    server.listen(listen.port, listen.host);
    await once(server, 'listening');
    ready();
    if (!signal.aborted) await once(signal, 'abort');
    server.close();
  },
}));
`;

/** `vault`, whose only route is for those who are signed in; its summary changes with `version`. */
const vaultOf = (version: number): string => `import { defineRoute, defineService, serve } from '@ebb/function';
import * as z from 'zod/mini';

const who = defineRoute('GET /who', {
  summary: 'Say who calls, version ${version}',
  answers: { 200: { schema: z.object({ subject: z.string() }), description: 'the caller' } },
  access: 'signed-in',
  handle: ({ caller }) => Promise.resolve({ status: 200, body: { subject: caller.subject } }),
});

serve(defineService('vault', { routes: [who] }));
`;

/** Writes the worker `door`, which listens and asks for all that a worker can ask for, and the service `vault`. */
export function writeDoor(root: string): void {
  write(root, 'door', 'package.json', packageOf('door'));
  write(
    root,
    'door',
    'migrations/0001_visits.sql',
    '-- Up Migration\ncreate table visits (at timestamptz default now());\n',
  );
  write(root, 'door', 'src/main.ts', DOOR);
  write(root, 'vault', 'package.json', packageOf('vault'));
  writeVault(root, 1);
}

export function writeVault(root: string, version: number): void {
  write(root, 'vault', 'src/main.ts', vaultOf(version));
}

function packageOf(name: string): string {
  return JSON.stringify({ name: `@ebb/${name}`, version: '0.1.0', private: true, type: 'module', exports: {} });
}

function write(root: string, app: string, file: string, text: string): void {
  const path = join(root, 'apps', app, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
