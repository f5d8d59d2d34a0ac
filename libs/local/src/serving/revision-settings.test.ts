import { describe, expect, it } from '@jest/globals';
import { fingerprintOf, revisionSettings } from './revision-settings.ts';
import { service, worker } from './testing/harness.fixture.ts';

const artifact = { command: ['node'], cwd: '/', env: { A: '1' }, hash: '1' };

describe('revisionSettings', () => {
  it("has Knative's defaults", () => {
    expect(revisionSettings(service('shop'))).toEqual({
      ...{ containerConcurrency: 0, timeoutMs: 300_000, responseStartTimeoutMs: 0, idleTimeoutMs: 0 },
      ...{ startTimeoutMs: 600_000, probe: { kind: 'tcp' }, env: {}, annotations: {} },
      ...{ graceMs: 300_000, holdsRequests: true, listensApart: false },
    });
  });

  it('reads the template', () => {
    const resource = service('shop', {
      annotations: { 'serving.knative.dev/progress-deadline': '1m30.5s' },
      spec: {
        ...{ containerConcurrency: 5, timeoutSeconds: 20, responseStartTimeoutSeconds: 3, idleTimeoutSeconds: 2 },
        containers: [
          {
            env: [{ name: 'A', value: 'b' }, { name: 'FROM_SECRET' }],
            readinessProbe: { httpGet: { path: '/ready', httpHeaders: [{ name: 'x', value: 'y' }] } },
          },
        ],
      },
    });
    expect(revisionSettings(resource)).toMatchObject({
      ...{ containerConcurrency: 5, timeoutMs: 20_000, responseStartTimeoutMs: 3_000, idleTimeoutMs: 2_000 },
      ...{ startTimeoutMs: 90_500, probe: { kind: 'http', path: '/ready', headers: { x: 'y' } }, env: { A: 'b' } },
    });
  });

  it('asks nothing of a worker without a probe', () => {
    expect(revisionSettings(worker('relay', 1))).toMatchObject({ probe: { kind: 'none' }, graceMs: 30_000 });
  });

  it.each([
    [{ spec: { timeoutSeconds: 601 } }, 'timeoutSeconds must be 1 to 600'],
    [{ spec: { containers: [] } }, 'has no container'],
    [{ annotations: { 'serving.knative.dev/progress-deadline': 'soon' } }, '"soon" is no duration'],
  ])('refuses %j', (options, message) => {
    expect(() => revisionSettings(service('shop', options))).toThrow(message);
  });
});

describe('fingerprintOf', () => {
  it('changes with the template and the artifact, and with nothing else', () => {
    const base = fingerprintOf(service('shop'), artifact);
    expect(fingerprintOf(service('shop', { traffic: [{ percent: 100 }] }), { ...artifact })).toBe(base);
    expect(fingerprintOf(worker('a', 1), artifact)).toBe(fingerprintOf(worker('a', 2), artifact));
    expect(fingerprintOf(service('shop'), { ...artifact, hash: '2' })).not.toBe(base);
    expect(fingerprintOf(service('shop', { spec: { timeoutSeconds: 9 } }), artifact)).not.toBe(base);
  });

  it('does not depend on the order of keys', () => {
    const one = fingerprintOf(service('shop'), { ...artifact, env: { A: '1', B: '2' } });
    expect(fingerprintOf(service('shop'), { ...artifact, env: { B: '2', A: '1' } })).toBe(one);
  });
});
