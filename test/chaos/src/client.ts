import { systemClock } from '@ebb/core';
import { complaintAbout, outcomeOf, waitAsked, type Answer } from './answers.ts';
import type { LedgerBook, Outcome } from './ledger.ts';
import type { Action, CancelAction, ImpostorAction, OrderAction, ReplayAction, RestockAction } from './plan.ts';
import { Random } from './random.ts';
import { cancellation, orderEvent, orderRequest, orderState, restockRequest, type Request } from './requests.ts';
import { isEnd } from './rules/ends.ts';
import type { Target } from './target.ts';

/** After so long a client gives up that insists on an answer. */
const INSIST_MS = 180_000;
const MIN_WAIT_MS = 30;
const MAX_WAIT_MS = 1_000;
/** Longer than the shop waits for a payment. */
const DECIDED_WITHIN_MS = 60_000;

/** Counts what was begun: strikes are timed by it. */
export interface Turnstile {
  /** Resolves when the action may begin; false when no more may. */
  enter(action: Action): boolean;
}

export interface ClientOptions {
  readonly number: number;
  readonly seed: number;
  readonly actions: readonly Action[];
  readonly target: Target;
  readonly ledger: LedgerBook;
  readonly turnstile: Turnstile;
  readonly signal: AbortSignal;
}

/**
 * One client: does its actions one after the other and books what it was answered. Only impostors wait beside it for their time, which may be all
 * that an order has: a client that waited with them would do little else.
 */
export class Client {
  readonly #options: ClientOptions;
  readonly #random: Random;
  /** What is needed to send an earlier request again. */
  readonly #sent = new Map<number, Request>();
  /** Orders that it knows to be accepted, by the number of the action. */
  readonly #accepted = new Map<number, string>();
  /** Of what was not waited for. */
  readonly #failures: unknown[] = [];

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#random = new Random(options.seed, `client ${options.number}`);
  }

  async run(): Promise<void> {
    const { actions, turnstile, signal } = this.#options;
    const impostors: Promise<unknown>[] = [];
    for (const action of actions) {
      if (signal.aborted || !turnstile.enter(action)) break;
      const done = this.#do(action);
      if (action.kind === 'impostor') impostors.push(done.catch((error: unknown) => this.#failures.push(error)));
      else await done;
    }
    await Promise.all(impostors);
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  #do(action: Action): Promise<void> {
    if (action.kind === 'order') return this.#order(action);
    if (action.kind === 'restock') return this.#restock(action);
    if (action.kind === 'cancel') return this.#cancel(action);
    return action.kind === 'impostor' ? this.#impostor(action) : this.#replay(action);
  }

  async #order(action: OrderAction): Promise<void> {
    const request = orderRequest(action);
    const answer = await this.#send(action, request);
    const outcome = outcomeOf(answer);
    const orderId = action.via === 'key' ? idIn(answer) : action.orderId;
    if (outcome === 'promised') {
      this.#sent.set(action.n, request);
      if (orderId !== undefined) this.#accepted.set(action.n, orderId);
    }
    this.#options.ledger.order(action, orderId, outcome);
  }

  async #cancel(action: CancelAction): Promise<void> {
    const orderId = this.#accepted.get(action.of);
    if (orderId === undefined) return;
    this.#options.ledger.cancellation(orderId, outcomeOf(await this.#send(action, cancellation(orderId))));
  }

  async #restock(action: RestockAction): Promise<void> {
    const request = restockRequest(action);
    const outcome = outcomeOf(await this.#send(action, request));
    if (outcome === 'promised') this.#sent.set(action.n, request);
    this.#options.ledger.restock(action, outcome);
  }

  /** Waits until the original is decided: before that, which of the two is the real one would be a matter of chance. */
  async #impostor(action: ImpostorAction): Promise<void> {
    const orderId = this.#accepted.get(action.of);
    if (orderId === undefined || !(await this.#isDecided(orderId))) return;
    const request = orderEvent({ eventId: action.eventId, orderId, lines: action.lines, client: action.client });
    this.#options.ledger.impostor(action, orderId, outcomeOf(await this.#send(action, request)));
  }

  async #replay(action: ReplayAction): Promise<void> {
    const requests = action.of.flatMap((n) => this.#sent.get(n) ?? []);
    for (const request of requests) await this.#send(action, request);
  }

  async #isDecided(orderId: string): Promise<boolean> {
    const deadline = Date.now() + DECIDED_WITHIN_MS;
    while (Date.now() < deadline && !this.#options.signal.aborted) {
      const answer = await this.#try(orderState(orderId));
      if (answer.kind === 'answered' && answer.result.status === 200) {
        if (isEnd(answer.result.json<{ status: string }>().status)) return true;
      }
      await this.#pause(MAX_WAIT_MS);
    }
    return false;
  }

  /** Sends a request as its action says; the answer is the best that it was given. */
  async #send(action: Action, request: Request): Promise<Answer> {
    const send = () => (action.insists ? this.#insist(request) : this.#try(request));
    const answers = await Promise.all(Array.from({ length: action.copies }, send));
    if (action.again) answers.push(await send());
    return answers.find((answer) => outcomeOf(answer) === 'promised') ?? answers[0] ?? { kind: 'silence' };
  }

  async #insist(request: Request): Promise<Answer> {
    const deadline = Date.now() + INSIST_MS;
    for (;;) {
      const answer = await this.#try(request);
      const outcome: Outcome = outcomeOf(answer);
      if (outcome !== 'unknown' || this.#options.signal.aborted) return answer;
      if (Date.now() > deadline) {
        this.#options.ledger.badAnswer(request.what, `no answer within ${INSIST_MS / 1_000} s`);
        return answer;
      }
      await this.#pause(waitAsked(answer));
    }
  }

  async #try(request: Request): Promise<Answer> {
    const { target, ledger } = this.#options;
    const answer = await target.send(request);
    ledger.answered(answer.kind === 'silence' ? 'none' : String(answer.result.status));
    const complaint = complaintAbout(answer, request.proper);
    if (complaint !== undefined) ledger.badAnswer(request.what, complaint);
    return answer;
  }

  async #pause(askedMs: number | undefined): Promise<void> {
    const ms = Math.min(askedMs ?? this.#random.between(MIN_WAIT_MS, MAX_WAIT_MS / 2), MAX_WAIT_MS);
    await systemClock.sleep(ms, this.#options.signal).catch(() => undefined);
  }
}

function idIn(answer: Answer): string | undefined {
  if (answer.kind === 'silence' || answer.result.status >= 300) return undefined;
  return answer.result.json<{ orderId: string }>().orderId;
}
