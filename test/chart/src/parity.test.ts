import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogueEntry } from '@ebb/catalogue';
import { expect, it } from '@jest/globals';
import { parseManifests, resourcesOf } from '@ebb/knative';
import { CHART, describeChart, template } from './helm.ts';
import type { Manifest } from './manifest.ts';
import { differences } from './parity/differences.ts';
import { rowsOf } from './parity/parity-page.ts';
import { scenario } from './scenarios.ts';

/** What the laptop runs, by the definitions that the chart was made from. */
const { entries } = JSON.parse(readFileSync(join(CHART, 'files/catalogue.json'), 'utf8')) as {
  entries: CatalogueEntry[];
};
const laptop = resourcesOf(entries) as readonly Manifest[];
const RUN_HERE = new Set(laptop.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`));

const keyOf = ({ apiVersion, kind, metadata }: Manifest): string => `${apiVersion} ${kind} ${metadata.name}`;
const unique = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

describeChart('what Helm renders with default values', () => {
  const cluster = () => new Map(scenario('the default values').map((manifest) => [keyOf(manifest), manifest]));

  it('has each resource that the laptop runs', () => {
    expect(laptop.map(keyOf).filter((key) => !cluster().has(key))).toEqual([]);
  });

  it('differs from them in the fields of docs/architecture/parity.md, and in no other', () => {
    const kinds = new Map<string, Set<string>>();
    for (const resource of laptop) {
      for (const path of differences(resource, cluster().get(keyOf(resource)))) {
        const field = path.replace(/\.labels\..*/, '.labels').replace(/\.matchLabels\..*/, '.matchLabels');
        kinds.set(field, (kinds.get(field) ?? new Set()).add(resource.kind));
      }
    }
    const all = unique(laptop.map(({ kind }) => kind)).join(', ');
    const found = [...kinds].map(([field, of]) => {
      const names = unique([...of]).join(', ');
      return `${names === all ? 'every' : names} ${field}`;
    });
    expect(unique(found)).toEqual(rowsOf('Fields'));
  });

  it('has no other resources than those of docs/architecture/parity.md', () => {
    const known = new Set(laptop.map(keyOf));
    const more = [...cluster()].flatMap(([key, { apiVersion, kind, metadata }]) => {
      if (known.has(key)) return [];
      return [RUN_HERE.has(`${apiVersion} ${kind}`) ? `${kind} ${metadata.name}` : `${kind} (${apiVersion})`];
    });
    expect(unique(more)).toEqual(rowsOf('Resources').map((row) => row.trim()));
  });

  it('is a file that `ebb up -f` takes; it passes over what only a cluster runs, with a line for each', () => {
    const { resources, ignored } = parseManifests(template(), 'rendered.yaml');
    expect(resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual(
      [...laptop.map(({ kind, metadata }) => `${kind} ${metadata.name}`), 'Broker dead-letters'].sort(),
    );
    expect(resources.length + ignored.length).toBe(scenario('the default values').length);
    for (const { reason } of ignored) expect(reason).not.toContain('\n');
  });
});
