import { EbbError } from '@ebb/core';
import {
  ControlClient,
  findWorkspace,
  renderQuery,
  StateDirectory,
  tailQuery,
  type CatalogueReport,
  type PublishReceipt,
  type StatusReport,
  type TailEvent,
  type Target,
  type TraceReport,
} from '@ebb/local/client';
import { loopback } from './loopback.ts';

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
