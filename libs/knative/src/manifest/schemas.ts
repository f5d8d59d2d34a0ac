import * as z from 'zod/mini';
import { BrokerSpec, PingSourceSpec, TriggerSpec } from './eventing-schemas.ts';
import { DeploymentSpec, ServiceSpec } from './serving-schemas.ts';
import { dnsLabel, dnsSubdomain, serviceName, texts } from './text-schemas.ts';

/** kind → the schema of its `spec`, with the apiVersion that is known. */
export const KNOWN_KINDS = {
  Service: { apiVersion: 'serving.knative.dev/v1', spec: ServiceSpec },
  Deployment: { apiVersion: 'apps/v1', spec: DeploymentSpec },
  Broker: { apiVersion: 'eventing.knative.dev/v1', spec: BrokerSpec },
  Trigger: { apiVersion: 'eventing.knative.dev/v1', spec: TriggerSpec },
  PingSource: { apiVersion: 'sources.knative.dev/v1', spec: PingSourceSpec },
} as const;

export type KnownKind = keyof typeof KNOWN_KINDS;

const metadataOf = (name: typeof dnsLabel) =>
  z.looseObject({
    name,
    namespace: z.optional(dnsLabel),
    labels: z.optional(texts),
    annotations: z.optional(texts),
  });

const serviceMetadata = metadataOf(serviceName);
const otherMetadata = metadataOf(dnsSubdomain);

/** A Knative Service becomes a host name, so its name is the narrowest. */
export function metadataSchemaOf(kind: KnownKind): typeof otherMetadata {
  return kind === 'Service' ? serviceMetadata : otherMetadata;
}

/** ConfigMaps of a cluster that say how Knative behaves. */
export const CONFIG_MAPS = ['config-autoscaler', 'config-br-defaults', 'kafka-broker-config'] as const;

export const ConfigMapSchema = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('ConfigMap'),
  metadata: otherMetadata,
  data: z._default(texts, {}),
});
