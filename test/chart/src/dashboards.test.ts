import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { CHART, describeChart, render, ROOT } from './helm.ts';
import { ofKind } from './manifest.ts';

const sources = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.includes('.test.'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));

describeChart('a dashboard', () => {
  it('asks for metrics that there are', () => {
    const measured = new Set(
      sources(join(ROOT, 'apps/relay/src')).flatMap((text) => text.match(/'ebb_[a-z_]+'/g) ?? []),
    );
    const folder = join(CHART, 'dashboards');
    const asked = readdirSync(folder).flatMap(
      (name) => readFileSync(join(folder, name), 'utf8').match(/ebb_[a-z_]+/g) ?? [],
    );
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((name) => !measured.has(`'${name}'`))).toEqual([]);
  });

  it('is handed to Grafana as it is, where the values say so', () => {
    const named = (set: readonly string[]) =>
      ofKind(render({ set }), 'ConfigMap').filter(({ metadata }) => metadata.labels?.grafana_dashboard === '1');
    expect(named([])).toEqual([]);
    const [dashboard] = named(['monitoring.dashboards.enabled=true']);
    const file = readFileSync(join(CHART, 'dashboards/delivery.json'), 'utf8');
    expect(dashboard?.data).toEqual({ 'delivery.json': file });
  });
});
