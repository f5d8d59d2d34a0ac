import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithKafka, kafkaForTests, type TestKafka } from '@ebb/kafka/testing';
import { copyWorkspace, Ebb, type WorkspaceCopy } from '@ebb/testing/local';
import { BROKEN, conformance, NEVER, scenarioWith } from './installation.fixture.ts';

describeWithKafka('an installation on Kafka', () => {
  let kafka: TestKafka;
  let workspace: WorkspaceCopy;
  let ebb: Ebb;
  beforeAll(async () => {
    kafka = await kafkaForTests();
    workspace = copyWorkspace(import.meta.dirname, { apps: ['orders', 'inventory', 'relay'] });
    ebb = await Ebb.start(workspace, ['--no-watch', '--kafka', kafka.address], { readyWithinMs: 120_000 });
  }, 150_000);
  afterAll(async () => {
    await ebb.stop();
    await kafka.stop();
    workspace.remove();
  }, 60_000);

  const url = () => `http://localhost:${ebb.port}`;

  it('passes as an ebb up, its topics written and read as by a stranger', async () => {
    const { broken, said } = await conformance({ TARGET_URL: url(), KAFKA_URL: kafka.url });
    expect({ broken, said }).toEqual({ broken: {}, said: expect.stringContaining('ok      topic') });
  }, 150_000);

  /** The local runtime has the same paths, topics, groups and query API as a cluster. */
  const asCluster = () => ({
    INGRESS_URL: `${url()}/broker`,
    NAMESPACE: 'default',
    KAFKA_URL: kafka.url,
    JAEGER_URL: url(),
  });

  it('passes as a cluster does', async () => {
    const { broken, said } = await conformance({
      ...asCluster(),
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${ebb.otlpPort}`,
    });
    expect({ broken, said }).toEqual({ broken: {}, said: expect.stringContaining('namespace default: ') });
  }, 150_000);

  it('says at which link a cluster is broken, with the commands for it', async () => {
    const [trigger, topic] = await Promise.all([
      conformance(
        { ...asCluster(), TIMEOUT: BROKEN },
        scenarioWith({ service: 'shipping', function: 'quote-shipping', emits: NEVER }),
      ),
      conformance({ ...asCluster(), TIMEOUT: BROKEN, KAFKA_URL: 'kafka://127.0.0.1:1' }),
    ]);
    expect(trigger.broken).toEqual({ http: 'trigger', topic: 'trigger' });
    expect(trigger.said).toContain('look: kubectl describe trigger shipping-quote-shipping -n default');
    expect(topic.broken).toEqual({ http: 'topic', topic: 'topic' });
    expect(topic.said).toContain('Kafka at 127.0.0.1:1 cannot be reached');
  }, 150_000);
});
