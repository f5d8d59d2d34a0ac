import { describe, expect, it } from '@jest/globals';
import { isFinal, ORDER_EVENTS, reactionTo, TRANSITIONS, type OrderStatus, type Reaction } from './transitions.ts';

/** Every status with every event, written down a second time: `=` is known, `~` early, `.` impossible, the rest where the order goes. */
const GRID = `
                  placed     reserved         quoted           awaiting-payment authorized captured  confirmed voiding   releasing  ended
stock-reserved    reserved   =                awaiting-payment =                =          =         =         =         =          =
stock-rejected    rejected!R .                rejected!R       .                .          .         .         =         =          =
stock-released    .          .                .                .                .          .         .         .         its-ending =
shipping-quoted   quoted     awaiting-payment =                =                =          =         =         =         =          =
shipping-rejected releasing!R releasing!R     .                .                .          .         .         =         =          =
payment-authorized .         .                .                authorized       =          =         =         =         =          =
payment-declined  .          .                .                releasing!R      .          .         .         =         =          =
payment-captured  .          .                .                .                captured   =         =         .         .          .
capture-refused   .          .                .                .                voiding!R  .         .         =         =          =
payment-voided    .          .                .                .                .          .         .         releasing =          =
label-created     .          .                .                .                ~          confirmed =         .         .          .
window-expired    .          .                .                voiding!E        =          =         =         =         =          =
cancellation-requested releasing!C releasing!C releasing!C     voiding!C        .          .         .         .         .          .
`;

const ENDINGS = { R: 'rejected', C: 'cancelled', E: 'expired' } as const;
const ENDED: readonly OrderStatus[] = ['rejected', 'cancelled', 'expired'];

function reactionOf(cell: string): Reaction {
  if (cell === '=') return 'known';
  if (cell === '~') return 'early';
  if (cell === '.') return 'impossible';
  const [to, ending] = cell.split('!') as [OrderStatus, keyof typeof ENDINGS | undefined];
  return { to, ...(ending && { ending: ENDINGS[ending] }) };
}

const [head = [], ...rows] = GRID.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
const cells = rows.flatMap(([event = '', ...row]) =>
  row.flatMap((cell, at) => {
    const column = head[at] ?? '';
    const statuses = column === 'ended' ? ENDED : [column as OrderStatus];
    return statuses.map((status) => [status, event as (typeof ORDER_EVENTS)[number], reactionOf(cell)] as const);
  }),
);

describe('the life of an order', () => {
  it('is written down for every status and every event', () => {
    expect(new Set(cells.map(([status]) => status))).toEqual(new Set(Object.keys(TRANSITIONS)));
    expect(rows.map(([event]) => event)).toEqual(ORDER_EVENTS);
    expect(cells).toHaveLength(Object.keys(TRANSITIONS).length * ORDER_EVENTS.length);
  });

  it.each(cells)('%s, when %s', (status, event, reaction) => {
    expect(reactionTo(status, event)).toEqual(reaction);
  });

  it('ends as confirmed, rejected, cancelled or expired, and nowhere else', () => {
    const statuses = Object.keys(TRANSITIONS) as OrderStatus[];
    expect(statuses.filter(isFinal)).toEqual(['confirmed', ...ENDED]);
  });
});
