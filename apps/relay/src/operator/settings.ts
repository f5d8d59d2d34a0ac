import { setting, type Settings } from '@ebb/core';

/** What operators need of the relay; without a token it answers none. */
export const OPERATOR_SETTINGS = {
  OPERATOR_TOKEN: setting.optional(
    setting.secret({ description: 'what operators show to be answered; without it there is no endpoint for them' }),
  ),
  OPERATOR_PORT: setting.port({ description: 'the port for operators, on the loopback address only', default: 8090 }),
  EBB_CONTROL_TOKEN: setting.optional(
    setting.secret({ description: 'what the platform shows to ask services for dry runs; without it there are none' }),
  ),
} as const satisfies Settings;
