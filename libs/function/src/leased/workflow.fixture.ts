import { TerminalError } from '@ebb/core';

import type { StepCall } from '../definition/leased.ts';
import { Agency, type End } from './agency.fixture.ts';
import { Noted, type Context, type Handle, type LeasedService, type State } from './leased-service.fixture.ts';

/** A step of a workflow, and how the first calls for it end. */
export interface Part {
  readonly kind: 'keyed' | 'unkeyed' | 'transaction' | 'sleep';
  readonly ends: readonly End[];
  /** Whether its output is written down where it is used, so that two of one step would show. */
  readonly isNoted?: boolean;
}

/** Parts that are taken back when the saga fails at its end, and how the first calls for that end. */
export interface SagaPart {
  readonly kind: 'saga';
  readonly parts: readonly Part[];
  readonly fails: boolean;
  readonly undoEnds: readonly End[];
}

export type Workflow = readonly (Part | SagaPart)[];

/** What a workflow left behind, here and on the other side. */
export interface Result extends State {
  readonly effects: readonly string[];
}

const MAX_LIVES = 300;

/**
 * Runs a workflow to its end. Each number is how many messages a process sends to PostgreSQL before it is killed; one that comes to its end earlier
 * leaves the rest to the next. A negative number: the last message does not arrive.
 */
export async function runWorkflow(
  service: LeasedService,
  workflow: Workflow,
  deaths: readonly number[] = [],
): Promise<Result & { readonly killed: number }> {
  const agency = agencyOf(workflow);
  const handle = handleOf(workflow, agency);
  const event = service.request();
  const left = [...deaths];
  let killed = 0;
  let next = event;
  for (let lives = 0; lives < MAX_LIVES; lives += 1) {
    const [death] = left;
    const cut = death === undefined ? undefined : { atMessage: Math.abs(death), arrives: death > 0 };
    const life = await service.live(next, handle, cut);
    if (life.wasCut) {
      killed += 1;
      left.shift();
    } else if (death !== undefined) left[0] = Math.sign(death) * (Math.abs(death) - life.messages);
    if (life.outcome.outcome === 'parked') throw new Error(`it was parked: ${life.outcome.reason}`);
    if (life.outcome.outcome === 'waiting') [next = event] = await service.wake();
    else if (life.outcome.outcome === 'done' || life.outcome.outcome === 'duplicate') {
      return { ...(await service.stateOf(event)), effects: [...agency.effects].sort(), killed };
    }
  }
  throw new Error(`it did not come to an end in ${MAX_LIVES} lives`);
}

const nameOf = (path: string, { kind }: Part | SagaPart): string => `${path} ${kind}`;

function agencyOf(workflow: Workflow): Agency {
  const agency = new Agency();
  for (const [nth, part] of workflow.entries()) {
    if (part.kind !== 'saga') agency.expect(nameOf(String(nth), part), ...part.ends);
    else {
      for (const [at, inner] of part.parts.entries()) {
        const name = nameOf(`${nth}.${at}`, inner);
        agency.expect(name, ...inner.ends);
        agency.expect(`undo ${name}`, ...part.undoEnds);
      }
      agency.expect(`${nth} end`, 'says no');
    }
  }
  return agency;
}

function handleOf(workflow: Workflow, agency: Agency): Handle {
  return async (context, tripId) => {
    for (const [nth, part] of workflow.entries()) {
      if (part.kind !== 'saga') await perform(context, tripId, nameOf(String(nth), part), part, agency);
      else await performSaga(context, tripId, String(nth), part, agency);
    }
    await context.emit(Noted, { tripId, what: 'the end' });
  };
}

async function performSaga(context: Context, tripId: string, nth: string, saga: SagaPart, agency: Agency) {
  try {
    await context.saga(`trip ${nth}`, async () => {
      for (const [at, part] of saga.parts.entries()) {
        await perform(context, tripId, nameOf(`${nth}.${at}`, part), part, agency);
      }
      if (saga.fails) await context.step(`${nth} end`, agency.keyed(`${nth} end`));
    });
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    await context.emit(Noted, { tripId, what: error.message });
  }
}

async function perform(
  context: Context,
  tripId: string,
  name: string,
  { kind, isNoted }: Part,
  agency: Agency,
): Promise<void> {
  const undo = {
    compensate: async (_output: string, call: StepCall) => {
      await agency.keyed(`undo ${name}`)(call);
    },
  };
  const note = (what: string): Promise<string> =>
    context.transaction(
      `${name} is noted`,
      async ({ db, emit }) => {
        await db`insert into note (trip_id, what) values (${tripId}, ${what})`;
        await emit(Noted, { tripId, what });
        return what;
      },
      kind === 'transaction' ? undo : {},
    );
  if (kind === 'sleep') await context.sleep(name, '1h');
  else if (kind === 'transaction') await note(name);
  else {
    const asked = { onUnknown: 'verify', verify: agency.find } as const;
    const output =
      kind === 'keyed'
        ? await context.step(name, agency.keyed(name), undo)
        : await context.step(name, agency.unkeyed(name), { ...undo, ...asked });
    if (isNoted) await note(withoutCount(output));
  }
}

/** The agency counts its effects, which come in another order when something was killed. */
const withoutCount = (output: string): string => output.replace(/ \d+$/, '');
