import { request } from 'node:http';
import { EbbError, messageOf } from '@ebb/core';
import {
  ControlClient,
  findWorkspace,
  renderQuery,
  StateDirectory,
  tailQuery,
  type CatalogueReport,
  type ControlTransport,
  type PublishReceipt,
  type StatusReport,
  type TailEvent,
  type Target,
  type TraceReport,
} from '@ebb/local/client';

/** The runtime of the workspace around `from`. @throws EbbError EBB_USAGE when none runs */
export function laptop(from: string = process.cwd()): Target {
  const running = new StateDirectory(findWorkspace(from)).running();
  if (!running) {
    throw new EbbError(
      'EBB_USAGE',
      'Ebb is not running in this workspace. Start it with: npm start (or name a cluster with --context)',
    );
  }
  const client = new ControlClient(loopback(running.port));
  return {
    status: () => client.get<StatusReport>('/status'),
    catalogue: () => client.get<CatalogueReport>('/catalogue'),
    publish: (event) => client.post<PublishReceipt>('/publish', event),
    trace: (id, options) => client.get<TraceReport>(`/traces/${encodeURIComponent(id)}?${renderQuery(options)}`),
    tail: (filter, signal) => client.stream<TailEvent>(`/events?${tailQuery(filter)}`, signal),
    dead: () => Promise.resolve(client),
  };
}

/** It asks the loopback address: `*.localhost` resolves only in browsers and curl. */
function loopback(port: number): ControlTransport {
  return ({ method, path, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, method, path, headers, ...(signal && { signal }) }, resolve)
        .on('error', (error) =>
          reject(
            new EbbError('EBB_RUNTIME', `the runtime at port ${port} did not answer: ${messageOf(error)}`, {
              cause: error,
            }),
          ),
        )
        .end(body);
    });
}
