import type { ChallengePurpose } from '@ebb/schemas';
import type { Contact } from './contact.ts';

/** What the owner of an address is written to about; with a token where they are to prove something. */
export interface Challenge extends Contact {
  readonly purpose: ChallengePurpose;
  readonly token?: string | undefined;
  readonly expiresAt: string;
}
