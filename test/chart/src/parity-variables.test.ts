import type { CatalogueEntry } from '@ebb/catalogue';
import { Secret } from '@ebb/core';
import { platformVariables, type PlatformParts } from '@ebb/local/platform-variables';
import { afterAll, expect, it } from '@jest/globals';
import { describeChart, render } from './helm.ts';
import { podTemplateOf } from './manifest.ts';
import { rowsOf } from './parity/parity-page.ts';
import { chartOf, sample } from './sample-chart.ts';

const secret = new Secret('postgres://user:password@127.0.0.1/ebb');
const platform: PlatformParts = {
  otlpUrl: 'http://127.0.0.1:4318',
  urlOf: (service) => `http://${service}.localhost:8080`,
  controlToken: secret,
  relayUrl: secret,
  logUrl: { write: secret, read: secret },
  schemas: ['parcels'],
  topics: ['parcels'],
  catalogueFile: '/tmp/catalogue.json',
  identityKeys: () => ({ privateJwk: '{}', publicJwks: '{}' }),
};

/** What the laptop gives an app, the port of its own server among it, which is chosen when its process is started. */
function onLaptop(entry: CatalogueEntry): readonly string[] {
  const { database, listens } = entry;
  const access = database && { url: secret, schema: database.schema };
  const env = platformVariables(entry, access, platform);
  return [...Object.keys(env), ...(listens ? ['LISTEN_PORT'] : [])];
}

describeChart('the variables that an app is given', () => {
  const chart = chartOf(sample());
  afterAll(() => chart.remove());

  it('are the same on the laptop and in a cluster, but for those of docs/architecture/parity.md', () => {
    const manifests = render({ chart: chart.folder });
    const found = sample().flatMap((entry) => {
      const own = manifests.find(
        ({ kind, apiVersion, metadata }) =>
          metadata.name === entry.name && (kind === 'Deployment' || (kind === 'Service' && apiVersion !== 'v1')),
      );
      const cluster = (own && podTemplateOf(own)?.spec.containers[0]?.env)?.map(({ name }) => name) ?? [];
      const laptop = onLaptop(entry);
      const title = (name: string) =>
        name === 'EBB_CONTROL_TOKEN' && entry.kind === 'worker' ? `${name} of a worker` : name;
      return [
        ...laptop.filter((name) => !cluster.includes(name)).map((name) => `laptop ${title(name)}`),
        ...cluster.filter((name) => !laptop.includes(name)).map((name) => `cluster ${title(name)}`),
      ];
    });
    expect([...new Set(found)].sort()).toEqual(rowsOf('Variables'));
  });
});
