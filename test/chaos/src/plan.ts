import { cardOf, NOWHERE, type Card } from './cards.ts';
import { productsOf, type Products } from './products.ts';
import { Random } from './random.ts';
import { planStrikes, type Strike, type VictimName } from './strikes.ts';

export interface Line {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: { readonly minorUnits: number; readonly currency: string };
}

interface Base {
  /** Its number, from 0: what strikes are counted by. */
  readonly n: number;
  readonly client: number;
  /** How many of the same request are sent at the same time. */
  readonly copies: number;
  /** Whether it is sent once more after its answer. */
  readonly again: boolean;
  /** Whether the client asks again until it has an answer. Else what became of it may stay unknown. */
  readonly insists: boolean;
}

/** An order: over HTTP with an id or an Idempotency-Key, or as an event that a stranger publishes to the broker. */
export interface OrderAction extends Base {
  readonly kind: 'order';
  readonly via: 'id' | 'key' | 'broker';
  readonly orderId: string;
  readonly lines: readonly Line[];
  /** What it is paid with, which decides what the payment provider does. */
  readonly card: Card;
  /** Where it goes; there is nobody who ships to AQ. */
  readonly country: string;
}

/** Takes an earlier order of the same client back, in time or too late. */
export interface CancelAction extends Base {
  readonly kind: 'cancel';
  readonly of: number;
}

/** Goods that came in, with an Idempotency-Key. */
export interface RestockAction extends Base {
  readonly kind: 'restock';
  readonly key: string;
  readonly sku: string;
  readonly quantity: number;
}

/** An event that claims to be an earlier order of the same client, with other lines: it must be parked where a person sees it. */
export interface ImpostorAction extends Base {
  readonly kind: 'impostor';
  readonly of: number;
  readonly eventId: string;
  readonly lines: readonly Line[];
}

/** A batch of what the client sent before, sent again in another order. */
export interface ReplayAction extends Base {
  readonly kind: 'replay';
  readonly of: readonly number[];
}

export type Action = OrderAction | CancelAction | RestockAction | ImpostorAction | ReplayAction;

/** Everything that will be done to the system, decided by the seed alone. */
export interface Plan {
  readonly seed: number;
  readonly events: number;
  readonly clients: number;
  readonly products: Products;
  readonly actions: readonly Action[];
  readonly strikes: readonly Strike[];
}

export interface PlanOptions {
  readonly seed: number;
  readonly events: number;
  readonly clients: number;
  /** At least one. */
  readonly victims: readonly VictimName[];
  /** Events between two strikes, on average. */
  readonly strikeEvery: number;
  /** How long the databases and logs are held down, once each; 0: not at all. */
  readonly outageMs: number;
}

const RESTOCK_SHARE = 0.3;
const IMPOSTOR_SHARE = 0.02;
const REPLAY_SHARE = 0.02;
const CANCEL_SHARE = 0.06;
const NOWHERE_SHARE = 0.02;
const SCARCE_SHARE = 0.12;
const ONCE_SHARE = 0.1;
const AGAIN_SHARE = 0.1;
const TOGETHER_SHARE = 0.1;
const OWN_SKU_SHARE = 0.6;
const MOST_COPIES = 5;
const REPLAYED = 6;
/** An impostor comes after its original was decided, so that there is no doubt which of the two is real. */
const IMPOSTOR_DISTANCE = 5;
const REMEMBERED = 15;
const MAX_LINES = 3;
const MAX_QUANTITY = 9;
const MAX_PRICE = 10_000;
/** The most that one restock may bring; each client's quantities count up to it, which makes its restocks tell apart. */
const MAX_RESTOCK = 10_000;

/** Decides who does what when, and who is struck when. The same options give the same plan. */
export function planOf(options: PlanOptions): Plan {
  const { seed, events, clients } = options;
  const products = productsOf(events, clients);
  const random = new Random(seed, 'actions');
  const pasts = Array.from({ length: clients }, (): Past => ({ recent: [], restocks: 0 }));
  const actions = Array.from({ length: events }, (_, n) => {
    const client = n % clients;
    const past = pasts[client] ?? { recent: [], restocks: 0 };
    const action = actionOf(n, client, { random, products, past });
    past.recent = [...past.recent, action].slice(-REMEMBERED);
    return action;
  });
  return { seed, events, clients, products, actions, strikes: planStrikes(options) };
}

type Repeat = Pick<Base, 'copies' | 'again'>;

const ONCE: Repeat = { copies: 1, again: false };

/** What a client did so far, as far as it matters. */
interface Past {
  recent: readonly Action[];
  /** Of its own product. */
  restocks: number;
}

interface Context {
  readonly random: Random;
  readonly products: Products;
  readonly past: Past;
}

function actionOf(n: number, client: number, context: Context): Action {
  const { random, past } = context;
  const repeat = repeatOf(random);
  const dice = random.next();
  if (dice < RESTOCK_SHARE) return restockOf(n, client, repeat, context);
  if (dice < RESTOCK_SHARE + IMPOSTOR_SHARE) {
    const original = past.recent.slice(0, -IMPOSTOR_DISTANCE).findLast(isOwnOrder);
    if (original) return impostorOf(n, client, original, context);
  } else if (dice < RESTOCK_SHARE + IMPOSTOR_SHARE + CANCEL_SHARE) {
    const taken = past.recent.findLast(isOwnOrder);
    if (taken) return { kind: 'cancel', n, client, ...repeat, insists: true, of: taken.n };
  } else if (dice < RESTOCK_SHARE + IMPOSTOR_SHARE + CANCEL_SHARE + REPLAY_SHARE) {
    const of = random.shuffled(past.recent.filter(isRepeatable).slice(-REPLAYED)).map((action) => action.n);
    if (of.length > 0) return { kind: 'replay', n, client, ...ONCE, insists: true, of };
  }
  return orderOf(n, client, repeat, context);
}

function impostorOf(n: number, client: number, original: OrderAction, { random, products }: Context): Action {
  const lines = [lineOf(random, random.pick(products.plenty), MAX_QUANTITY + 1)];
  return { kind: 'impostor', n, client, ...ONCE, insists: true, of: original.n, eventId: random.uuid(), lines };
}

/** Only an order that its client knows to be accepted can be faked. */
const isOwnOrder = (action: Action | undefined): action is OrderAction =>
  action?.kind === 'order' && action.via === 'id' && action.insists;

const isRepeatable = ({ kind, insists }: Action): boolean => insists && (kind === 'order' || kind === 'restock');

function restockOf(n: number, client: number, repeat: Repeat, { random, products, past }: Context): Action {
  const key = `restock-${n}-${random.uuid()}`;
  const own = products.own[client];
  if (own !== undefined && random.chance(OWN_SKU_SHARE)) {
    const quantity = (past.restocks % MAX_RESTOCK) + 1;
    past.restocks += 1;
    return { kind: 'restock', n, client, ...repeat, insists: true, key, sku: own, quantity };
  }
  const sku = random.pick(products.plenty);
  const insists = !random.chance(ONCE_SHARE);
  return { kind: 'restock', n, client, ...repeat, insists, key, sku, quantity: random.between(1, MAX_QUANTITY) };
}

function orderOf(n: number, client: number, repeat: Repeat, { random, products }: Context): Action {
  const via = random.pick(['id', 'key', 'broker', 'broker']);
  // An order of which only the key is known could not be found again if its answer stayed out.
  const insists = via === 'key' || !random.chance(ONCE_SHARE);
  const count = random.between(1, MAX_LINES);
  const lines = Array.from({ length: count }, () =>
    lineOf(random, random.pick(products.plenty), random.between(1, MAX_QUANTITY)),
  );
  if (random.chance(SCARCE_SHARE)) lines.push(lineOf(random, random.pick(products.scarce), 1));
  return { kind: 'order', n, client, ...repeat, insists, via, orderId: random.uuid(), lines, ...termsOf(random) };
}

function termsOf(random: Random): Pick<OrderAction, 'card' | 'country'> {
  return { card: cardOf(random.next()), country: random.chance(NOWHERE_SHARE) ? NOWHERE : 'DE' };
}

function lineOf(random: Random, sku: string, quantity: number): Line {
  return { sku, quantity, unitPrice: { minorUnits: random.between(1, MAX_PRICE), currency: 'EUR' } };
}

function repeatOf(random: Random): Repeat {
  const dice = random.next();
  if (dice < AGAIN_SHARE) return { copies: 1, again: true };
  return dice < AGAIN_SHARE + TOGETHER_SHARE ? { copies: random.between(2, MOST_COPIES), again: false } : ONCE;
}
