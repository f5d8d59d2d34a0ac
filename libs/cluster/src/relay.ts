import type { ControlTransport } from '@ebb/local/client';
import { ControlClient } from '@ebb/local/client';
import { ClusterError } from './errors.ts';
import { Forward } from './kube/forward.ts';
import type { KubeApi } from './kube/kube-api.ts';
import { KINDS } from './kube/resource-type.ts';
import { NAME_LABEL, PART_OF, type KubeSecret } from './resources/resources.ts';

/** The Secret with what the relay and its operators share. */
export const OPERATOR_SECRET = 'ebb-operator';
const TOKEN_KEY = 'token';
/** The relay's OPERATOR_PORT, which listens inside of its pod only. */
const OPERATOR_PORT = 8090;

/** The part of the control API that the relay serves: dead letters, what waits, what passes. */
export async function relayClient(api: KubeApi, namespace: string): Promise<ControlClient> {
  const token = await operatorToken(api, namespace);
  const forward = new Forward(api, { namespace, labels: { ...PART_OF, [NAME_LABEL]: 'relay' }, port: OPERATOR_PORT });
  const transport: ControlTransport = ({ method, path, headers, body, signal }) =>
    forward.request({
      method,
      path,
      headers: { ...headers, authorization: `Bearer ${token}`, ...lengthOf(body) },
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    });
  return new ControlClient(transport);
}

const lengthOf = (body: string | undefined): Record<string, string> =>
  body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };

async function operatorToken(api: KubeApi, namespace: string): Promise<string> {
  const secret = await api.get<KubeSecret>(KINDS.secrets, namespace, OPERATOR_SECRET);
  const token = secret?.data?.[TOKEN_KEY];
  if (token !== undefined) return Buffer.from(token, 'base64').toString('utf8');
  const what = secret
    ? `the Secret "${OPERATOR_SECRET}" has no key "${TOKEN_KEY}"`
    : `there is no Secret "${OPERATOR_SECRET}"`;
  throw new ClusterError(
    `${what} in namespace "${namespace}": the relay answers operators only with one. Is Ebb installed there? "ebb deploy" makes it`,
  );
}
