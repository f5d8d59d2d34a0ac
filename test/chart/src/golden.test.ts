import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { describeChart, ROOT, template, type HelmOptions } from './helm.ts';
import { chartOf, sample } from './sample-chart.ts';

const FOLDER = join(ROOT, 'test/chart/golden');
const UPDATE = process.env.EBB_UPDATE_GOLDEN === '1';

/** Whoever reads a change of these files sees what a change of the templates does; EBB_UPDATE_GOLDEN=1 writes them anew. */
const GOLDEN: Readonly<Record<string, HelmOptions>> = {
  default: {},
  // Only what differs.
  secured: {
    only: ['kafka-users', 'event-policies', 'network-policies', 'migrations'],
    set: [
      'kafka.users.create=true',
      'eventPolicies.enabled=true',
      'networkPolicies.gateway=istio',
      'namePrefix=blue-',
      'database.provision=false',
    ],
  },
};

describeChart('a chart of four apps', () => {
  const chart = chartOf(sample());
  afterAll(() => chart.remove());

  it.each(Object.entries(GOLDEN))('renders as golden/%s.yaml says', (name, options) => {
    const file = join(FOLDER, `${name}.yaml`);
    const rendered = template({ ...options, chart: chart.folder });
    if (UPDATE) writeFileSync(file, rendered);
    expect(rendered).toBe(readFileSync(file, 'utf8'));
  });
});
