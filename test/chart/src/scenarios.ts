import { join } from 'node:path';
import { CHART, render, type HelmOptions } from './helm.ts';
import type { Manifest } from './manifest.ts';

/** Ways in which the chart is installed. What must hold of one must hold of all. */
export const SCENARIOS: Readonly<Record<string, HelmOptions>> = {
  'the default values': {},
  'all that can be on': { values: ['full'] },
  'all that can be off': { values: ['minimal'] },
  'the production example': { values: [join(CHART, 'values-production.yaml')] },
  'a Kafka and a PostgreSQL of others': { values: ['external'] },
  'a second release in the namespace': {
    release: 'a-release-with-a-name-of-fifty-three-characters-yes',
    set: ['namePrefix=green-', 'kafka.strimzi.cluster=green', 'kafka.strimzi.namespace=green-kafka'],
  },
};

const rendered = new Map<string, readonly Manifest[]>();

/** Rendered once for all tests of a file. */
export function scenario(name: keyof typeof SCENARIOS): readonly Manifest[] {
  const manifests = rendered.get(name) ?? render(SCENARIOS[name]);
  rendered.set(name, manifests);
  return manifests;
}
