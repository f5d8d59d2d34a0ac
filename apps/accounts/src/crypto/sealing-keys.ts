import type { ConfigOf } from '@ebb/core';
import type { SEALING_SETTINGS } from '../settings.ts';
import type { SealingKeys } from './sealed.ts';

/** The keys that the settings give, the one that encrypts first. */
export function sealingKeysOf(config: ConfigOf<typeof SEALING_SETTINGS>): SealingKeys {
  const { KEY_ENCRYPTION_KEY: now, KEY_ENCRYPTION_KEY_BEFORE: before } = config;
  return before ? [now, before] : [now];
}
