import { defineSchedule } from '@ebb/function';
import { KeyRotationFellDue, TidyingFellDue } from '@ebb/schemas';

export const rotateKeys = defineSchedule('rotate-keys', { cron: '7 */6 * * *', emits: KeyRotationFellDue, data: {} });
export const tidy = defineSchedule('tidy', { cron: '23 3 * * *', emits: TidyingFellDue, data: {} });
