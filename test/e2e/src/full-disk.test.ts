import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, type HttpResult, type WorkspaceCopy } from '@ebb/testing/local';
import { writeDepot, writeHandler } from './depot.fixture.ts';
import { canMount, mountSmallDisk, type SmallDisk } from './small-disk.fixture.ts';

/** An empty PostgreSQL takes half of it. */
const MEGABYTES = 128;
const PATIENT = { timeoutMs: 90_000, intervalMs: 200 };
/** Skipped, and counted so, where nothing may be mounted. */
const describeWithDisk = canMount() ? describe : describe.skip;

describeWithDisk('a disk that is full, of PostgreSQL with the log and all outboxes,', () => {
  let workspace: WorkspaceCopy;
  let disk: SmallDisk | undefined;
  let ebb: Ebb | undefined;
  let sent = 0;

  beforeAll(async () => {
    workspace = copyWorkspace(import.meta.dirname, { apps: ['relay'] });
    writeDepot(workspace.root);
    writeHandler(workspace.root, 'lenient');
    // Else PostgreSQL, which does not run as root, would have its data elsewhere.
    chmodSync(workspace.root, 0o711);
    disk = mountSmallDisk(join(workspace.root, '.ebb/postgres'), MEGABYTES);
    ebb = await Ebb.start(workspace);
    const data = join(workspace.root, '.ebb/postgres/data');
    if (lstatSync(data).isSymbolicLink()) throw new Error(`${data} is a link: PostgreSQL may not enter ${tmpdir()}`);
  }, 120_000);

  afterAll(async () => {
    try {
      await ebb?.stop();
    } finally {
      disk?.unmount();
      workspace.remove();
    }
  }, 60_000);

  /** Large, and of noise, so that nothing makes it small: it needs new pages in the log. */
  const publish = async (parcelId: string): Promise<HttpResult> =>
    ebb!.http('', '/broker/default/depot', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': parcelId,
        'ce-source': '/stranger',
        'ce-type': 'dev.ebb.depot.parcel.arrived.v1',
      },
      body: JSON.stringify({ parcelId, route: 'r', grams: 1, noise: randomBytes(24_000).toString('base64') }),
    });
  const accepted = new Set<string>();
  const publishNext = async (): Promise<HttpResult> => {
    const parcelId = `p-${(sent += 1)}`;
    const result = await publish(parcelId);
    if (result.status === 202) accepted.add(parcelId);
    return result;
  };
  const stored = async (): Promise<readonly string[]> => (await ebb!.http('depot', '/routes/r')).json<string[]>();
  /** Waits until each event that was accepted took effect: once, by what the table allows. */
  const arrived = (): Promise<boolean> =>
    eventually(async () => {
      const parcels = new Set(await stored());
      return [...accepted].every((id) => parcels.has(id));
    }, PATIENT);

  it('turns publishers away with the time to come again, loses nothing, and ends by itself', async () => {
    for (let n = 0; n < 10; n += 1) expect((await publishNext()).status).toBe(202);
    await arrived();

    disk!.fill();
    const refused: HttpResult[] = [];
    await eventually(
      async () => {
        const result = await publishNext();
        if (result.status !== 202) refused.push(result);
        return refused.length >= 10;
      },
      { ...PATIENT, intervalMs: 1 },
    );
    for (const { status, headers, body } of refused) {
      expect({ status, after: headers['retry-after'], body }).toMatchObject({ status: 503, after: '1' });
    }

    disk!.free();
    await eventually(async () => (await publishNext()).status === 202, PATIENT);
    await arrived();
    expect((await ebb!.http('', '/ebb/v1/dead')).json<{ items: unknown[] }>().items).toEqual([]);
    await eventually(async () => {
      const { services } = (await ebb!.http('', '/ebb/v1/status')).json<{ services: { state: string }[] }>();
      return services.every(({ state }) => state === 'ready' || state === 'zero');
    }, PATIENT);
  }, 300_000);
});
