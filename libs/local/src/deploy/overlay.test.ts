import { describe, expect, it } from '@jest/globals';
import { parseManifests, type Resource } from '@ebb/knative';
import { hasClusterSink, overlay, withoutClusterSink } from './overlay.ts';

const broker = (name: string, namespace: string): Resource => ({
  apiVersion: 'eventing.knative.dev/v1',
  kind: 'Broker',
  metadata: { name, namespace },
  spec: {},
});

const trigger = (partOf: string): Resource =>
  parseManifests(`
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: { name: pack, labels: { app.kubernetes.io/part-of: ${partOf} } }
spec:
  broker: orders
  subscriber: { ref: { apiVersion: serving.knative.dev/v1, kind: Service, name: parcels } }
  delivery:
    retry: 3
    deadLetterSink: { ref: { apiVersion: v1, kind: Service, name: relay }, uri: /dead-letters }
`).resources[0]!;

describe('manifests over definitions', () => {
  it('take the place of their namesakes, and stand beside all others', () => {
    const defined = [broker('orders', 'default'), broker('payments', 'default')];
    const manifests = [broker('orders', 'ebb'), broker('letters', 'ebb')];
    expect(overlay(defined, manifests).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      'default/payments',
      'ebb/orders',
      'ebb/letters',
    ]);
  });

  it('lose the dead letter sinks that Ebb has in a cluster, and nothing else', () => {
    expect(hasClusterSink(trigger('ebb'))).toBe(true);
    expect(withoutClusterSink(trigger('ebb')).spec).toMatchObject({ broker: 'orders', delivery: { retry: 3 } });
    expect(withoutClusterSink(trigger('ebb')).spec).not.toHaveProperty('delivery.deadLetterSink');
    const own = trigger('others');
    expect(withoutClusterSink(own)).toBe(own);
  });
});
