import { EbbError } from '@ebb/core';

/** @throws EbbError EBB_USAGE */
export function countOf(option: string, text: string, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= max) return number;
  throw new EbbError('EBB_USAGE', `${option} ${text}: must be a whole number from 1 to ${max}`);
}
