import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { describeChart, render, ROOT, type HelmOptions } from './helm.ts';
import { ofKind } from './manifest.ts';

/** The services that are reached from outside of the cluster. */
const publicOnes = (options: HelmOptions): readonly string[] =>
  ofKind(render(options), 'Service', 'serving')
    .filter(({ metadata }) => metadata.labels?.['networking.knative.dev/visibility'] !== 'cluster-local')
    .map(({ metadata }) => metadata.name);

describeChart('who reaches a service', () => {
  it('is the inside of the cluster: its functions take what anybody sends them', () => {
    expect(publicOnes({})).toEqual([]);
  });

  it('is everybody, where the values say so', () => {
    expect(publicOnes({ set: ['services.orders.public=true'] })).toEqual(['orders']);
  });

  it('is the person who tries it, with the values for a trial', () => {
    expect(publicOnes({ values: [join(ROOT, 'k8s/trial.yaml')] })).toEqual([
      'inventory',
      'orders',
      'payments',
      'shipping',
    ]);
  });
});
