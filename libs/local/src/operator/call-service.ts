import { HttpProblem, messageOf } from '@ebb/core';
import type { Serving } from '../serving/serving.ts';

/** Sends requests to services by the names that the cluster's DNS gives them. */
export function callServices(namespace: string | undefined): Pick<Serving, 'request'> {
  return {
    async request(service, { method, path, headers, body, timeoutMs }) {
      if (namespace === undefined) throw new HttpProblem(409, 'a dry run is not possible: the relay has no NAMESPACE');
      const url = `http://${service}.${namespace}.svc.cluster.local${path}`;
      try {
        const response = await fetch(url, {
          method,
          headers: headers as Record<string, string>,
          ...(body !== undefined && { body: new Uint8Array(body) }),
          signal: AbortSignal.timeout(timeoutMs),
        });
        return {
          status: response.status,
          headers: Object.fromEntries(response.headers),
          body: Buffer.from(await response.arrayBuffer()),
        };
      } catch (error) {
        throw new HttpProblem(502, `${service} did not answer: ${messageOf(error)}`);
      }
    },
  };
}
