import { EbbError, RetryableError, SchemaViolationError, type ConfigOf, type Json } from '@ebb/core';
import { parseData } from '@ebb/events';
import { httpClient } from '@ebb/function';
import { ChallengePurpose } from '@ebb/schemas';
import * as z from 'zod/mini';
import type { MAIL_SETTINGS } from '../settings.ts';
import type { Challenge } from './challenge.ts';
import type { Contact } from './contact.ts';

const contact = { userId: z.uuid(), email: z.string(), name: z.optional(z.string()) };
const ContactAnswer = z.object(contact);
const ChallengeAnswer = z.object({
  ...contact,
  purpose: ChallengePurpose,
  token: z.optional(z.string()),
  expiresAt: z.iso.datetime(),
});

/** What accounts tells those who write to its users. It is asked right before a mail goes out, and nothing of it is written down. */
export interface Contacts {
  /** Undefined when there is no such user (any more). */
  user(userId: string): Promise<Contact | undefined>;
  /** Undefined when it cannot be used any more: its mail would help nobody. */
  challenge(challengeId: string): Promise<Challenge | undefined>;
}

export function openContacts(
  config: Pick<ConfigOf<typeof MAIL_SETTINGS>, 'ACCOUNTS_URL' | 'CONTACT_TOKEN'>,
  signal: AbortSignal,
): Contacts {
  const get = async (path: string): Promise<Json | undefined> => {
    const headers = { authorization: `Bearer ${config.CONTACT_TOKEN.reveal()}` };
    const { status, json } = await httpClient(config.ACCOUNTS_URL).send({ method: 'GET', path, headers, signal });
    if (status === 200) return json();
    if (status === 404) return undefined;
    // Also when it refuses our token: that is for an operator to mend, and the mail is none the worse.
    throw new RetryableError(`accounts answered ${status}`);
  };
  return {
    user: async (userId) => read(ContactAnswer, await get(`/contacts/${userId}`)),
    challenge: async (challengeId) => read(ChallengeAnswer, await get(`/challenges/${challengeId}/message`)),
  };
}

function read<T>(schema: z.ZodMiniType<T>, answer: Json | undefined): T | undefined {
  try {
    return answer === undefined ? undefined : parseData(schema, answer, 'the answer of accounts');
  } catch (error) {
    // Where it does not fit may be said, and what stands there not.
    const places = error instanceof SchemaViolationError ? error.violations.map(({ path }) => path).join(', ') : '';
    throw new EbbError('EBB_RUNTIME', `the answer of accounts is not as agreed, at ${places}`);
  }
}
