import { HttpProblem, messageOf } from '@ebb/core';
import type { Serving } from '../serving/serving.ts';

/**
 * Sends requests to services.
 * @param servicesUrl where they are: {service} in it stands for the name
 */
export function callServices(servicesUrl: string): Pick<Serving, 'request'> {
  return {
    async request(service, { method, path, headers, body, timeoutMs }) {
      const url = `${servicesUrl.replace('{service}', service)}${path}`;
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
