import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, type WorkspaceCopy } from '@ebb/testing/local';
import { parse } from 'yaml';
import { CHART, describeChart, template } from './helm.ts';

const PLACED = 'dev.ebb.orders.order.placed.v1';
const RESERVED = 'dev.ebb.inventory.stock.reserved.v1';

describeChart('what Helm renders', () => {
  let workspace: WorkspaceCopy;
  let ebb: Ebb;

  beforeAll(async () => {
    const apps = ['inventory', 'relay'];
    workspace = copyWorkspace(import.meta.dirname, { apps });
    const installed = parse(readFileSync(join(CHART, 'files/ebb.yaml'), 'utf8')) as { apps: object };
    const others = Object.keys(installed.apps)
      .filter((name) => !apps.includes(name))
      .map((name) => `services.${name}.enabled=false`);
    writeFileSync(join(workspace.root, 'rendered.yaml'), template({ set: others }));
    ebb = await Ebb.start(workspace, ['-f', 'rendered.yaml']);
  });
  afterAll(async () => {
    await ebb.stop();
    workspace.remove();
  });

  it('runs on the laptop: an event goes through its broker and its triggers, in its namespace', async () => {
    const published = await ebb.cli(['publish', PLACED, '--example', '--id', 'rendered-1']);
    expect(published.stdout).toContain('to topic orders');
    const isReserved = async () => (await ebb.cli(['trace', 'rendered-1'])).stdout.includes(RESERVED);
    await eventually(isReserved, { timeoutMs: 60_000, intervalMs: 500 });
    // Once, and in the namespace of the release alone: the definitions' own Brokers would deliver it a second time.
    const { triggers } = (await ebb.http('', '/ebb/v1/status')).json<{
      triggers: readonly { name: string; delivered: number }[];
    }>();
    expect(triggers.filter(({ name }) => name === 'inventory-reserve-stock')).toMatchObject([{ delivered: 1 }]);
    expect((await ebb.http('', '/broker/default/orders', { method: 'POST' })).status).toBe(404);
    expect((await ebb.http('', '/broker/ebb/orders', { method: 'POST' })).status).toBe(400);
  });

  it('passes over what only a cluster runs, with one line for each', () => {
    const output = ebb.output.join('\n');
    for (const resource of [
      'Job ebb-migrate',
      'KafkaTopic orders',
      'NetworkPolicy inventory',
      'ConfigMap ebb-broker-config',
    ]) {
      expect(output).toContain(`${resource} is passed over`);
    }
    expect(output).toContain('what nobody takes is kept here');
  });

  it('is what `ebb render --chart` writes into any chart', async () => {
    expect((await ebb.cli(['render', '--chart', 'nowhere'])).stderr).toContain('nowhere is no Helm chart');
    mkdirSync(join(workspace.root, 'chart'));
    writeFileSync(join(workspace.root, 'chart/Chart.yaml'), '');
    expect((await ebb.cli(['render', 'inventory', '--chart', 'chart'])).stderr).toContain('--chart takes all services');
    const { stdout } = await ebb.cli(['render', '--chart', 'chart']);
    expect(stdout.trim().split('\n')).toEqual(
      ['ebb.yaml', 'catalogue.json', 'database-roles.txt'].map((name) => `chart/files/${name}`),
    );
    expect(readFileSync(join(workspace.root, 'chart/files/database-roles.txt'), 'utf8')).toBe(
      'inventory-url svc_inventory\nrelay-url ebb_relay\n',
    );
  });
});
