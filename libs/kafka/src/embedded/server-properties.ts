/** How the embedded broker is set up: one node that is broker and controller, small, and reachable from this machine only. */
export function serverProperties(options: {
  readonly port: number;
  readonly controllerPort: number;
  readonly data: string;
}): string {
  const { port, controllerPort, data } = options;
  const properties: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': data.replaceAll('\\', '/'),
    'num.partitions': 10,
    // There is one node, so everything has one replica.
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // Fewer files, a quicker first use of a group.
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.num.partitions': 2,
    // Nobody else is on the way: whoever joins a group gets its partitions at once.
    'group.initial.rebalance.delay.ms': 0,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    'controlled.shutdown.enable': false,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
