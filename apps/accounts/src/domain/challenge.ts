import type { ChallengePurpose } from '@ebb/schemas';

const HOUR_MS = 3_600_000;

/** How long the token of a message is good. */
export const CHALLENGE_LIFETIME_MS: Readonly<Record<ChallengePurpose, number>> = {
  verification: 24 * HOUR_MS,
  'sign-up-hint': 24 * HOUR_MS,
  'password-reset': HOUR_MS,
  invitation: 7 * 24 * HOUR_MS,
};

/** Whoever asks, an address gets no more messages of a kind than this, so that nobody is flooded through us. */
export const MAX_MAILS = 3;
export const MAIL_WINDOW_MS = HOUR_MS;

/** Whether its message holds a token; a hint only says that there is an account already. */
export const hasToken = (purpose: ChallengePurpose): boolean => purpose !== 'sign-up-hint';
