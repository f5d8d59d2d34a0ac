import { EbbError, messageOf, silentLogger } from '@ebb/core';
import type { EventLog } from '@ebb/event-log';

/** The topics of a Kafka, without a running Ebb. @throws EbbError EBB_CONFIG (the address) · EBB_RUNTIME when it cannot be reached */
export async function withKafka<T>(address: string, use: (log: EventLog) => Promise<T>): Promise<T> {
  const { kafkaAddress, kafkaUrlOf, openKafkaLog, parseKafkaUrl } = await import('@ebb/kafka');
  const url = kafkaUrlOf(address, process.env);
  const log = await openKafkaLog({ url, logger: silentLogger }).catch((error: unknown) => {
    const where = kafkaAddress(parseKafkaUrl(url));
    throw new EbbError('EBB_RUNTIME', `Kafka at ${where} cannot be reached: ${messageOf(error)}`, { cause: error });
  });
  try {
    return await use(log);
  } finally {
    await log.close();
  }
}
