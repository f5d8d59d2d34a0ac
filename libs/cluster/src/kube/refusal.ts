import { messageOf } from '@ebb/core';
import { ClusterError } from '../errors.ts';
import type { Connection } from './connection.ts';

/** What was asked for, in the words of a Role. */
export interface Asked {
  readonly verb: string;
  /** `services.serving.knative.dev`, `pods/portforward` */
  readonly resource: string;
  readonly namespace: string;
  readonly name?: string;
  /** What has to be installed for it to be there. */
  readonly from: string;
}

const ROLES = 'docs/reference/cli-rbac.yaml';

/** What an answer of the API server means that is none of the good ones, as one sentence with what to do. */
export function refusalOf(status: number, body: string, asked: Asked, { context, server }: Connection): ClusterError {
  const { verb, resource, namespace, name, from } = asked;
  const thing = name === undefined ? resource : `${resource} "${name}"`;
  const where = namespace === '' ? '' : ` in namespace "${namespace}"`;
  if (status === 401) {
    return new ClusterError(
      `the API server at ${server} does not know who asks (401): the credentials of context "${context}" have expired or are wrong; log in again`,
      { status },
    );
  }
  if (status === 403) {
    return new ClusterError(
      `context "${context}" may not ${verb} ${thing}${where} (403): ${ROLES} has the Role that allows it`,
      { status },
    );
  }
  if (status === 404 && name === undefined) {
    return new ClusterError(`the cluster of context "${context}" has no ${resource}: ${from} is not installed there`, {
      status,
    });
  }
  const reason = reasonIn(body);
  return new ClusterError(`the API server did not ${verb} ${thing}${where} (${status}): ${reason}`, {
    status,
  });
}

/** What kept an answer from coming at all. */
export function unreachable(error: unknown, { context, server }: Connection): ClusterError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const advice = CERTIFICATE.test(code) ? 'Is it the cluster that the kubeconfig means?' : 'Does the cluster run?';
  return new ClusterError(
    `the API server at ${server} (context "${context}") cannot be reached: ${messageOf(error)}. ${advice}`,
    { cause: error },
  );
}

/** What Node calls the ways in which a certificate is not to be trusted. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/;
const MAX_REASON = 300;

function reasonIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { readonly message?: unknown };
    if (typeof message === 'string' && message !== '') return message;
  } catch {
    // It is no Status object: a proxy answered.
  }
  return body.trim().slice(0, MAX_REASON) || 'without a reason';
}
