import { setting, type Settings } from '@ebb/core';

/** What brokers need of the relay; without a port it takes no dead letters. */
export const DEAD_LETTER_SETTINGS = {
  DEAD_LETTER_PORT: setting.optional(
    setting.port({ description: 'the port on which brokers hand over what they gave up on; without it there is none' }),
  ),
} as const satisfies Settings;
