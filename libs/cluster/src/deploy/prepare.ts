import { randomBytes } from 'node:crypto';
import type { KubeApi } from '../kube/kube-api.ts';
import { KINDS } from '../kube/resource-type.ts';
import { OPERATOR_SECRET } from '../relay.ts';
import { PART_OF, type KubeSecret } from '../resources/resources.ts';

const TOKEN_BYTES = 32;

/**
 * Makes the namespace, and the Secret that relay and operators share, where they are missing; true when it made the Secret. Helm must not: what it
 * makes up at random would be another with each upgrade.
 */
export async function prepareNamespace(api: KubeApi, namespace: string): Promise<boolean> {
  if ((await api.get<KubeSecret>(KINDS.secrets, namespace, OPERATOR_SECRET)) !== undefined) return false;
  if (!(await api.get(KINDS.namespaces, '', namespace)))
    await api.create(KINDS.namespaces, '', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  return api.create(KINDS.secrets, namespace, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: OPERATOR_SECRET, labels: PART_OF },
    stringData: { token: token(), 'control-token': token() },
  });
}

const token = (): string => randomBytes(TOKEN_BYTES).toString('hex');
