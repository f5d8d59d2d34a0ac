import type { UserField } from '@ebb/schemas';
import { greetingOf, type Contact } from '../contact/contact.ts';
import type { MailContent } from '../mail/mail.ts';
import { mailContentOf } from './layout.ts';

/** What whoever takes an account over changes first. */
const WORDING: Partial<Readonly<Record<UserField, string>>> = {
  password: 'your password was changed.',
  'second-factor': 'the second factor of your account was set up or removed.',
};

/** What of a change its owner is told; undefined when it is nothing that an account is taken over with. */
export function noticeOf(changed: readonly UserField[]): string | undefined {
  return changed.map((field) => WORDING[field]).find((words) => words !== undefined);
}

/** Tells somebody that something about their account has changed, so that they learn of it when it was not they. */
export function changeNotice(notice: string, contact: Contact): MailContent {
  return mailContentOf({
    kind: 'change-notice',
    subject: 'Your account was changed',
    greeting: greetingOf(contact),
    before: [notice],
    after: ['If that was you, all is well. If not, ask for a new password at once: that ends all sessions.'],
  });
}
