import { greetingOf, type Contact } from '../contact/contact.ts';
import type { MailContent } from '../mail/mail.ts';
import { mailContentOf } from './layout.ts';

export function welcomeMail(contact: Contact): MailContent {
  return mailContentOf({
    kind: 'welcome',
    subject: 'Welcome',
    greeting: greetingOf(contact),
    before: ['your account is there. We are glad to have you.'],
    after: [
      'If it was not you who signed up, you need not do anything: without your confirmation the account is of no use.',
    ],
  });
}
