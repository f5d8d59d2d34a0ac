import { DEFAULT_NAMESPACE, type PingSource } from '@ebb/knative';
import { startPing, type PingPorts, type PingRunner } from './ping-runner.ts';
import type { PingStatus } from './ping-status.ts';

/** The PingSources of the runtime; they come and go while it runs. */
export interface PingSources {
  apply(source: PingSource): Promise<void>;
  remove(namespace: string, name: string): Promise<void>;
  status(): readonly PingStatus[];
  stop(): Promise<void>;
}

export function createPingSources(ports: PingPorts): PingSources {
  const runners = new Map<string, { readonly spec: string; readonly runner: PingRunner }>();
  const remove = async (key: string): Promise<void> => {
    const known = runners.get(key);
    runners.delete(key);
    await known?.runner.stop();
  };
  return {
    async apply(source) {
      const { namespace = DEFAULT_NAMESPACE, name } = source.metadata;
      const key = `${namespace}/${name}`;
      const spec = JSON.stringify(source.spec);
      // A reload applies everything again; a schedule that did not change keeps its pace and its counts.
      if (runners.get(key)?.spec === spec) return;
      const runner = startPing(source, ports);
      await remove(key);
      runners.set(key, { spec, runner });
    },
    remove: (namespace, name) => remove(`${namespace}/${name}`),
    status: () => [...runners.values()].map(({ runner }) => runner.status()),
    async stop() {
      await Promise.all([...runners.keys()].map(remove));
    },
  };
}
