import type { CloudEvent } from '@ebb/events';

/** When it happened: events that come late, all at once, must not look like one attack. */
export const timeOf = ({ time }: CloudEvent): string => time ?? new Date().toISOString();
