import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { EbbError, messageOf } from '@ebb/core';

export const USAGE = `usage: npm run conformance -- --target URL [options]

Publishes one event over HTTP and one to a topic of an installation, waits for the events that must follow, and asks for the
one trace that holds all hops. What does not come, it says at which link.

  --target URL       a running ebb up, such as http://localhost:8080
  --kafka ADDRESS    the Kafka with the topics, host:port (ebb up --kafka, and every cluster)
  --ingress URL      where brokers take events, without the broker's name
  --jaeger URL       Jaeger's query API, such as http://localhost:16686
  --namespace NAME   of the release in a cluster (ebb)
  --timeout TIME     for all attempts together (60s)
  --attempts N       how often an event is published anew (1)
  --scenario FILE    what is published and what must follow, as JSON (the shop's)

Each has a variable, which the image is given: TARGET_URL, KAFKA_URL, INGRESS_URL, JAEGER_URL, NAMESPACE, TIMEOUT, ATTEMPTS, SCENARIO.
`;

const VARIABLES = {
  target: 'TARGET_URL',
  kafka: 'KAFKA_URL',
  ingress: 'INGRESS_URL',
  jaeger: 'JAEGER_URL',
  namespace: 'NAMESPACE',
  timeout: 'TIMEOUT',
  attempts: 'ATTEMPTS',
} as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment as options of the command line complete it. @throws EbbError EBB_USAGE */
export function withOptions(args: readonly string[], environment: Environment): Environment {
  const { scenario, ...values } = parsed(args);
  const given = Object.entries(VARIABLES).flatMap(([option, variable]) => {
    const value = values[option as keyof typeof VARIABLES];
    return value === undefined ? [] : [[variable, option === 'kafka' ? asUrl(value) : value]];
  });
  return {
    ...environment,
    ...(Object.fromEntries(given) as Environment),
    ...(scenario !== undefined && { SCENARIO: readScenario(scenario) }),
  };
}

function parsed(args: readonly string[]) {
  const option = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        target: option,
        kafka: option,
        ingress: option,
        jaeger: option,
        namespace: option,
        timeout: option,
        attempts: option,
        scenario: option,
      },
    }).values;
  } catch (error) {
    throw new EbbError('EBB_USAGE', messageOf(error), { cause: error });
  }
}

const asUrl = (address: string): string => (address.startsWith('kafka://') ? address : `kafka://${address}`);

function readScenario(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new EbbError('EBB_USAGE', `--scenario: ${messageOf(error)}`, { cause: error });
  }
}
