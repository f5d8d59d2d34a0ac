import { defineSchedule } from '@ebb/function';
import { ErasureFellDue, KeyRotationFellDue, TidyingFellDue } from '@ebb/schemas';

export const rotateKeys = defineSchedule('rotate-keys', { cron: '7 */6 * * *', emits: KeyRotationFellDue, data: {} });
export const tidy = defineSchedule('tidy', { cron: '23 3 * * *', emits: TidyingFellDue, data: {} });
export const eraseDeleted = defineSchedule('erase-deleted', { cron: '41 * * * *', emits: ErasureFellDue, data: {} });
