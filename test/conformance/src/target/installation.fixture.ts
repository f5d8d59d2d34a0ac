import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { loadConfig } from '@ebb/core';
import type { Ebb } from '@ebb/testing/local';
import type { Link } from './broken-link.ts';
import { runConformance, type Verdict, type Way } from './run.ts';
import { SHOP, type Scenario } from './scenario.ts';
import { SETTINGS } from './settings.ts';

/** Generous: as long as a healthy run may take on a slow machine. */
const HEALTHY = '60s';
/** What does not come is waited for this long. */
export const BROKEN = '6s';

/** The client, as it is run, and what it printed. */
export async function conformance(settings: Readonly<Record<string, string>>, scenario: Scenario = SHOP) {
  const lines: string[] = [];
  const config = loadConfig(SETTINGS, { TIMEOUT: HEALTHY, SCENARIO: JSON.stringify(scenario), ...settings });
  const verdicts = await runConformance(config, (line) => lines.push(line));
  return { verdicts, broken: brokenLinks(verdicts), said: lines.join('\n') };
}

function brokenLinks(verdicts: readonly Verdict[]): Partial<Record<Way, Link>> {
  const broken = verdicts.flatMap(({ way, broken: at }) => (at ? [[way, at.link] as const] : []));
  return Object.fromEntries(broken);
}

/** Where somebody listened a moment ago. */
export async function addressOfNobody(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

/** Stops the processes of a service, as a machine does that has no time for them, while something is tried. */
export async function whileStopped<T>(ebb: Ebb, service: string, during: () => Promise<T>): Promise<T> {
  const pids = ebb.childPids().filter((pid) => commandOf(pid).includes(join('build', service)));
  if (pids.length === 0) throw new Error(`no process of ${service} runs`);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    return await during();
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It ended meanwhile.
    return '';
  }
}

/** Of an event that nobody ever emits, in a topic that is there. */
export const NEVER = { type: 'dev.ebb.orders.order.forgotten.v1', topic: 'orders' };

/** The shop's scenario with another first function, or another event. */
export const scenarioWith = (
  link: Partial<Scenario['chain'][number]>,
  event: Partial<Scenario['event']> = {},
): Scenario => ({
  event: { ...SHOP.event, ...event },
  chain: [{ ...SHOP.chain[0]!, ...link }, ...SHOP.chain.slice(1)],
});
