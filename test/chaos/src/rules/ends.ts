import type { ObservedReservation } from '../observed.ts';

/** How an order can end. */
export const ENDS = ['confirmed', 'rejected', 'cancelled', 'expired'] as const;

export const isEnd = (status: string): boolean => ENDS.some((end) => end === status);

/** What a reservation holds: units on the shelf that nobody else gets, or units that have left. */
export const holds = ({ outcome }: ObservedReservation): boolean => outcome === 'reserved' || hasLeft({ outcome });

export const hasLeft = ({ outcome }: Pick<ObservedReservation, 'outcome'>): boolean => outcome === 'committed';
