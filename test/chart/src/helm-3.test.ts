import { expect, it } from '@jest/globals';
import { describeHelm3, HELM_3, template } from './helm.ts';
import { SCENARIOS } from './scenarios.ts';

describeHelm3('Helm 3', () => {
  it.each(Object.entries(SCENARIOS))('renders what Helm 4 does, with %s', (_, options) => {
    expect(template({ ...options, helm: HELM_3 })).toBe(template(options));
  });

  it('refuses a typo by its key, too', () => {
    expect(() => template({ helm: HELM_3, set: ['services.orders.sclae.min=1'] })).toThrow('sclae');
  });
});
