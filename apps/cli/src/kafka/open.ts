import { EbbError, messageOf, silentLogger } from '@ebb/core';
import { UnknownTopicError, type EventLog } from '@ebb/event-log';

/**
 * The topics of a Kafka, without a running Ebb.
 * @throws EbbError EBB_CONFIG (the address) · EBB_RUNTIME when it cannot be reached, or has no such topic
 */
export async function withKafka<T>(address: string, use: (log: EventLog) => Promise<T>): Promise<T> {
  const { kafkaAddress, kafkaUrlOf, openKafkaLog, parseKafkaUrl } = await import('@ebb/kafka');
  const url = kafkaUrlOf(address, process.env);
  const log = await openKafkaLog({ url, logger: silentLogger }).catch((error: unknown) => {
    const where = kafkaAddress(parseKafkaUrl(url));
    throw new EbbError('EBB_RUNTIME', `Kafka at ${where} cannot be reached: ${messageOf(error)}`, { cause: error });
  });
  try {
    return await use(log);
  } catch (error) {
    throw error instanceof UnknownTopicError ? await withTopics(error, log) : error;
  } finally {
    await log.close();
  }
}

async function withTopics(error: UnknownTopicError, log: EventLog): Promise<EbbError> {
  const names = (await log.topics()).map(({ name }) => name);
  const known = names.length > 0 ? `there are: ${names.join(', ')}` : 'it has none yet';
  return new EbbError('EBB_RUNTIME', `${messageOf(error)} (${known})`, { cause: error });
}
