import { createServer, type Server } from 'node:net';
import { systemClock } from '@ebb/core';
import { eventually } from '@ebb/test-database';
import { childrenOf, signalAll } from './processes.ts';
import type { Strike, VictimName } from './strikes.ts';
import type { Target } from './target.ts';

/** A service that scaled to zero, or is being started, has nobody to strike for a moment. */
const FIND_WITHIN_MS = 3_000;
const PORT_FREE_WITHIN_MS = 5_000;

/** What came of a strike. `missed`: there was nobody. */
export type Struck = 'hit' | 'missed';

/** Carries out a strike; resolves when the victim may go on (a pause is over, a runtime is up again). */
export async function strike({ victim, blow, forMs }: Strike, target: Target): Promise<Struck> {
  if (blow === 'hold-down') return await holdDown(victim, forMs, target);
  if (blow === 'pause') return await pause(victim, forMs, target);
  if (victim === 'runtime') {
    await target.restart();
    return 'hit';
  }
  const pids = await pidsOf(victim, target);
  return signalAll(pids, 'SIGKILL') > 0 ? 'hit' : 'missed';
}

/** Stops all of a victim at once and lets it go on later: to the others it looks as if it hung. */
async function pause(victim: VictimName, forMs: number, target: Target): Promise<Struck> {
  const first = await pidsOf(victim, target);
  const pids = first.flatMap((pid) => [pid, ...(victim === 'postgres' ? childrenOf(pid) : [])]);
  try {
    if (signalAll(pids, 'SIGSTOP') === 0) return 'missed';
    await systemClock.sleep(forMs);
    return 'hit';
  } finally {
    signalAll(pids, 'SIGCONT');
  }
}

/** Kills a server and keeps its port, so that it can be started again only when its time is over. */
async function holdDown(victim: VictimName, forMs: number, target: Target): Promise<Struck> {
  const port = portOf(victim, target);
  const pids = await pidsOf(victim, target);
  if (signalAll(pids, 'SIGKILL') === 0) return 'missed';
  const squatter = await eventually(() => squat(port), { timeoutMs: PORT_FREE_WITHIN_MS, intervalMs: 1 });
  try {
    await systemClock.sleep(forMs);
    return 'hit';
  } finally {
    squatter.close();
  }
}

/** Takes a port and answers nobody; undefined while somebody else has it. */
function squat(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined)).listen(port, '127.0.0.1', () => resolve(server));
  });
}

function portOf(victim: VictimName, target: Target): number {
  if (victim === 'postgres') return target.postgresPort();
  const kafka = victim === 'kafka' ? target.kafkaPort() : undefined;
  if (kafka !== undefined) return kafka;
  throw new Error(`${victim} has no port to hold`);
}

async function pidsOf(victim: VictimName, target: Target): Promise<readonly number[]> {
  const find = (): readonly number[] => {
    if (victim === 'runtime') return [target.runtimePid()];
    if (victim === 'postgres') return [target.postgresPid() ?? []].flat();
    if (victim === 'kafka') return [target.kafkaPid() ?? []].flat();
    return target.pidsOf(victim).slice(0, 1);
  };
  return await eventually(() => find().length > 0 && find(), { timeoutMs: FIND_WITHIN_MS }).catch(() => []);
}
