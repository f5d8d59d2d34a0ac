import { expect, it } from '@jest/globals';
import { describeChart } from './helm.ts';
import { titleOf, type Manifest } from './manifest.ts';
import { scenario, SCENARIOS } from './scenarios.ts';
import { problemsOf } from './schemas/problems-of.ts';

describeChart('every manifest', () => {
  it.each(Object.keys(SCENARIOS))('is one that a cluster takes, with %s', (name) => {
    const manifests = scenario(name);
    expect(manifests.length).toBeGreaterThan(0);
    expect(manifests.flatMap(problemsOf)).toEqual([]);
  });

  it.each(Object.keys(SCENARIOS))('has a name of its own, with %s', (name) => {
    const titles = scenario(name).map((manifest) => `${manifest.apiVersion} ${titleOf(manifest)}`);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  });
});

describeChart('the schemas', () => {
  const [topic, trigger, deployment] = ['KafkaTopic', 'Trigger', 'Deployment'].map(
    (kind) => () => structuredClone(scenario('the default values').find((manifest) => manifest.kind === kind)!),
  ) as [() => Manifest, () => Manifest, () => Manifest];
  const withSpec = (manifest: Manifest, spec: object): Manifest => ({
    ...manifest,
    spec: { ...manifest.spec, ...spec },
  });

  it('refuse fields that they do not know, however deep', () => {
    expect(problemsOf(withSpec(topic(), { partition: 3 }))).toEqual([expect.stringContaining('partition')]);
    expect(problemsOf(withSpec(trigger(), { subscribers: {} })).join()).toContain('subscribers');
    const typo = deployment();
    Object.assign((typo.spec?.template as { spec: { containers: object[] } }).spec.containers[0]!, {
      livenesProbe: {},
    });
    expect(problemsOf(typo)).toEqual([expect.stringContaining('/spec/template/spec/containers/0/livenesProbe')]);
  });

  it('refuse what is missing, and what is no kind at all', () => {
    expect(problemsOf(withSpec(topic(), { partitions: undefined }))).toEqual([expect.stringContaining('partitions')]);
    expect(problemsOf({ ...topic(), apiVersion: 'kafka.strimzi.io/v1beta2' }).join()).toContain('no schema is known');
  });
});
