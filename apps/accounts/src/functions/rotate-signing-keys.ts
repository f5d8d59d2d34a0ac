import { defineFunction } from '@ebb/function';
import { KeyRotationFellDue } from '@ebb/schemas';
import { rotateIfDue } from '../actions/rotate-keys.ts';
import { sealingKeysOf } from '../crypto/sealing-keys.ts';
import { KEY_SETTINGS, SEALING_SETTINGS } from '../settings.ts';
import { recordAudit } from '../store/audit.ts';

/** Lets the next key sign when the one before has for long enough. */
export const rotateSigningKeys = defineFunction('rotate-signing-keys', {
  on: KeyRotationFellDue,
  settings: { ...SEALING_SETTINGS, ...KEY_SETTINGS },
  timeout: '15s',
  async handle(_event, { db, config, log }) {
    const outcome = await rotateIfDue(db, sealingKeysOf(config), config.KEY_LIFETIME);
    if (outcome !== 'rotated') return;
    const nobody = { actorId: undefined, requestId: undefined, clientHash: undefined };
    await recordAudit(db, nobody, { action: 'signing-keys.rotated', detail: { reason: 'schedule' } });
    log.info('the signing keys were rotated');
  },
});
