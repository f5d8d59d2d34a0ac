import { EbbError } from '@ebb/core';

/** The kubeconfig does not say how to reach the cluster that is meant. */
export class KubeConfigError extends EbbError {
  constructor(message: string, options?: ErrorOptions) {
    super('EBB_CONFIG', message, options);
  }
}

/** The cluster cannot be asked, refuses, or has not what was asked for. */
export class ClusterError extends EbbError {
  /** The status that the API server answered with, where it answered. */
  readonly status: number | undefined;

  constructor(message: string, { status, ...options }: ErrorOptions & { readonly status?: number } = {}) {
    super('EBB_RUNTIME', message, options);
    this.status = status;
  }
}
