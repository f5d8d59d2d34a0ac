import type { RequestOptions } from 'node:https';
import { messageOf } from '@ebb/core';
import type { KubeConfig } from '@kubernetes/client-node';
import { ClusterError } from '../errors.ts';
import { loadKubeConfig, type KubeConfigOptions } from './kube-config.ts';

/** Who asks which API server. */
export class Connection {
  readonly context: string;
  /** Of the API server, without a slash at its end. */
  readonly server: string;
  readonly #config: KubeConfig;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws KubeConfigError */
  constructor(options: KubeConfigOptions) {
    this.#config = loadKubeConfig(options);
    this.context = this.#config.getCurrentContext();
    this.server = (this.#config.getCurrentCluster()?.server ?? '').replace(/\/+$/, '');
  }

  /**
   * Certificates, tokens and proxies for one request; a plug-in may have to be asked for them.
   * @throws ClusterError when there are none to be had
   */
  credentials(): Promise<RequestOptions> {
    // One after the other: a plug-in that asks a person, or a server far away, is asked once and remembered.
    const next = this.#last.then(() => this.#load());
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #load(): Promise<RequestOptions> {
    const options: RequestOptions = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new ClusterError(
        `the credentials of context "${this.context}" are not to be had: ${messageOf(error).trim()}`,
        {
          cause: error,
        },
      );
    }
    return options;
  }
}
