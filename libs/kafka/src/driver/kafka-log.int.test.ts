import { silentLogger } from '@ebb/core';
import { kafkaClient } from '../connection/kafka-client.ts';
import { parseKafkaUrl } from '../connection/kafka-url.ts';
import { describeEventLog } from '@ebb/event-log/contract';
import { describeWithKafka, kafkaForTests } from '../testing/kafka.fixture.ts';
import { openKafkaLog } from './kafka-log.ts';

describeWithKafka('on a real broker,', () => {
  describeEventLog('Kafka', async () => {
    const kafka = await kafkaForTests();
    return {
      open: () => openKafkaLog({ url: kafka.url }),
      expire: async (_log, topic) => {
        const admin = kafkaClient(parseKafkaUrl(kafka.url), silentLogger).admin();
        await admin.connect();
        const ends = await admin.fetchTopicOffsets(topic);
        await admin.deleteTopicRecords({
          topic,
          partitions: ends.map(({ partition, high }) => ({ partition, offset: high })),
        });
        await admin.disconnect();
      },
      destroy: () => kafka.stop(),
    };
  });
});
