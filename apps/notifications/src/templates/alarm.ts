import type { AlarmKind } from '@ebb/schemas';
import { greetingOf, type Contact } from '../contact/contact.ts';
import type { MailContent } from '../mail/mail.ts';
import { mailContentOf } from './layout.ts';

const WORDING = {
  'failed-sign-ins': {
    kind: 'sign-in-alarm',
    subject: 'Failed attempts to sign in to your account',
    before: 'somebody tried several times to sign in to your account, with a wrong password or a wrong code.',
  },
  'token-reuse': {
    kind: 'session-alarm',
    subject: 'We ended one of your sessions',
    before:
      'what keeps a device of yours signed in was used a second time, as happens when somebody has copied it. We have signed that device out.',
  },
} as const;

/** Tells somebody that something is wrong with their account. */
export function alarmMail(kind: AlarmKind, contact: Contact): MailContent {
  const { before, ...wording } = WORDING[kind];
  return mailContentOf({
    ...wording,
    greeting: greetingOf(contact),
    before: [before],
    after: ['If that was you, all is well. If not, choose a new password: that ends all sessions.'],
  });
}
