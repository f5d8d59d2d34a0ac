import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, type WorkspaceCopy } from '@ebb/testing/local';
import { writeDoor, writeVault } from './door.fixture.ts';

interface Service {
  readonly name: string;
  readonly state: string;
  readonly url?: string;
  readonly revision: string;
}

interface Entry {
  readonly name: string;
  readonly routes: readonly { readonly summary: string }[];
}

/** On a busy machine the builds take their time. */
const START_DEADLINE_MS = 90_000;
const PATIENCE = { timeoutMs: 60_000, intervalMs: 100 };

let workspace: WorkspaceCopy;
let ebb: Ebb;

beforeAll(async () => {
  workspace = copyWorkspace(import.meta.dirname, { apps: [] });
  writeDoor(workspace.root);
  ebb = await Ebb.start(workspace, [], { readyWithinMs: START_DEADLINE_MS });
}, START_DEADLINE_MS + 5_000);

afterAll(async () => {
  await ebb.stop();
  workspace.remove();
});

async function services(): Promise<readonly Service[]> {
  return (JSON.parse((await ebb.cli(['status', '--json'])).stdout) as { services: Service[] }).services;
}

async function door<T>(path: string): Promise<T> {
  const answer = await ebb.http('door', path);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body}`);
  return answer.json<T>();
}

const pidOfDoor = async (): Promise<number> => (await door<{ pid: number }>('/')).pid;

const summaryOfVault = async (): Promise<string | undefined> =>
  (await door<{ entries: Entry[] }>('/catalogue')).entries.find(({ name }) => name === 'vault')?.routes[0]?.summary;

describe('a worker that listens', () => {
  it('has a host of its own, which status shows', async () => {
    expect(await pidOfDoor()).toBeGreaterThan(0);
    expect((await services()).find(({ name }) => name === 'door')).toMatchObject({
      state: 'ready',
      url: `http://door.localhost:${ebb.port}`,
    });
    expect((await ebb.cli(['status'])).stdout).toMatch(/door +ready 1 .* http:\/\/door\.localhost:\d+ \(worker\)/);
  });

  it('tells services who calls, with keys that nobody else may read', async () => {
    expect((await ebb.http('vault', '/who')).status).toBe(401);
    expect(await door('/vault')).toEqual({ subject: 'user-1' });
    expect(statSync(join(workspace.root, '.ebb/run/identity.json')).mode & 0o777).toBe(0o600);
  });

  it('has a schema of its own, and reads the log as somebody who only reads', async () => {
    expect(await door('/visits')).toEqual({ count: 1 });
    expect(await door('/log')).toEqual({ user: 'ebb_log_reader' });
  });

  it('sees a service that is deployed anew in the catalogue, and is not started again for that', async () => {
    const pid = await pidOfDoor();
    expect(await summaryOfVault()).toBe('Say who calls, version 1');
    let version = 1;
    await eventually(
      async () => {
        // The watcher begins a moment after the start: saved until it is seen.
        writeVault(workspace.root, (version += 1));
        return (await summaryOfVault()) !== 'Say who calls, version 1';
      },
      { ...PATIENCE, intervalMs: 1_000 },
    );
    expect(await pidOfDoor()).toBe(pid);
  }, 90_000);

  it('comes back when it crashes', async () => {
    const pid = await pidOfDoor();
    // A GET would be sent once more.
    expect((await ebb.http('door', '/crash', { method: 'POST' })).status).toBe(502);
    await eventually(async () => {
      const answer = await ebb.http('door', '/');
      if (answer.status === 503) expect(answer.headers['retry-after']).toMatch(/^\d+$/);
      return answer.status === 200 && answer.json<{ pid: number }>().pid !== pid;
    }, PATIENCE);
  }, 90_000);
});
