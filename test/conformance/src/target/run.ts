import { messageOf } from '@ebb/core';
import { startTelemetry } from '@ebb/telemetry';
import { BrokenLink } from './broken-link.ts';
import { openTarget } from './open-target.ts';
import { probe, type Passed, type ProbeOptions, type Way } from './probe.ts';
import { parseScenario, SHOP, topicsOf, triggerOf, type Scenario } from './scenario.ts';
import type { Config } from './settings.ts';
import { Sightings } from './sightings.ts';
import type { Target } from './target.ts';

export type { Way };

const WAYS: readonly Way[] = ['http', 'topic'];

/** What came of one way in. */
export interface Verdict {
  readonly way: Way;
  readonly passed?: Passed;
  readonly broken?: BrokenLink;
}

/**
 * Publishes one event over HTTP and one to its topic, and holds what follows against the scenario. Says what it does, line by line.
 * @throws ConfigError, SchemaViolationError, EbbError EBB_RUNTIME: nothing could be tested
 */
export async function runConformance(config: Config, print: (line: string) => void): Promise<readonly Verdict[]> {
  const scenario = config.SCENARIO === undefined ? SHOP : parseScenario(config.SCENARIO);
  const verdicts = await verdictsOf(config, scenario, print).catch((error: unknown) => {
    if (!(error instanceof BrokenLink)) throw error;
    // Before anything was published: neither way leads anywhere.
    return WAYS.map((way): Verdict => ({ way, broken: error }));
  });
  for (const verdict of verdicts) print(told(verdict, scenario));
  return verdicts;
}

async function verdictsOf(
  config: Config,
  scenario: Scenario,
  print: (line: string) => void,
): Promise<readonly Verdict[]> {
  const { target, otlpUrl } = await openTarget(config);
  try {
    return await probeAll(config, scenario, target, otlpUrl, print);
  } finally {
    await target.close();
  }
}

async function probeAll(
  config: Config,
  scenario: Scenario,
  target: Target,
  otlpUrl: string | undefined,
  print: (line: string) => void,
): Promise<readonly Verdict[]> {
  const sightings = new Sightings();
  const telemetry = startTelemetry({
    service: 'conformance',
    logLevel: 'silent',
    ...(otlpUrl !== undefined && { otlpEndpoint: otlpUrl }),
  });
  const watch = await target.watch(topicsOf(scenario), (sighting) => sightings.add(sighting));
  print(`${target.name}: ${scenario.event.type}, over HTTP and to the topic ${scenario.event.topic}`);
  try {
    const options = {
      target,
      scenario,
      sightings,
      tracer: telemetry.tracer,
      timeoutMs: config.TIMEOUT / config.ATTEMPTS,
    };
    return await Promise.all(WAYS.map((way) => attempts(way, config.ATTEMPTS, options, print)));
  } finally {
    await watch.close();
    await telemetry.shutdown();
  }
}

async function attempts(
  way: Way,
  most: number,
  options: ProbeOptions,
  print: (line: string) => void,
): Promise<Verdict> {
  for (let nth = 1; ; nth += 1) {
    try {
      return { way, passed: await probe(way, options) };
    } catch (error) {
      if (!(error instanceof BrokenLink)) throw error;
      if (nth === most) return { way, broken: error };
      print(`  ${way}: attempt ${nth} of ${most}: ${error.link}: ${error.message}`);
    }
  }
}

function told({ way, passed, broken }: Verdict, scenario: Scenario): string {
  if (passed) {
    const hops = scenario.chain.map(({ emits, ...link }) => `    ${triggerOf({ emits, ...link })} -> ${emits.type}`);
    const { traceId, spans, services, tookMs } = passed;
    return [
      `ok      ${way}: all that follows came within ${tookMs} ms`,
      ...hops,
      `    one trace: ${traceId}, ${spans} spans of ${services.join(', ')}`,
    ].join('\n');
  }
  const look = broken?.look ?? [];
  return [
    `BROKEN  ${way}: ${broken?.link ?? ''}: ${messageOf(broken)}`,
    ...look.map((command) => `    look: ${command}`),
  ].join('\n');
}
