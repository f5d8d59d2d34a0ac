import type { CloudEvent } from '@ebb/events';

const MAX_ORDERS = 120;

export interface ReorderOptions {
  /** That of the function, as its definition says. Default ordered: events of one partition key keep their order. */
  readonly order?: 'ordered' | 'unordered';
  /** The most orders; the first ones, which differ in the last events. Default 120. */
  readonly max?: number;
}

/** The orders in which a broker may deliver events, the given one first. For `it.each`, or a loop. */
export function reorder(
  events: readonly CloudEvent[],
  { order = 'ordered', max = MAX_ORDERS }: ReorderOptions = {},
): readonly (readonly CloudEvent[])[] {
  const orders: (readonly CloudEvent[])[] = [];
  const keyOf = ({ partitionkey }: CloudEvent): string | undefined => (order === 'ordered' ? partitionkey : undefined);
  const extend = (begun: readonly CloudEvent[], left: readonly CloudEvent[]): void => {
    if (orders.length >= max) return;
    if (left.length === 0) orders.push(begun);
    left.forEach((event, at) => {
      const key = keyOf(event);
      const isFirstOfKey = key === undefined || left.findIndex((each) => keyOf(each) === key) === at;
      if (isFirstOfKey) extend([...begun, event], left.toSpliced(at, 1));
    });
  };
  extend([], events);
  return orders;
}
