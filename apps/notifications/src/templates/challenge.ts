import type { ChallengePurpose } from '@ebb/schemas';
import type { Challenge } from '../contact/challenge.ts';
import { greetingOf } from '../contact/contact.ts';
import type { MailContent, MailKind } from '../mail/mail.ts';
import { mailContentOf } from './layout.ts';

interface Wording {
  readonly kind: MailKind;
  readonly subject: string;
  /** Of the page that the link leads to. */
  readonly path: string;
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

const WORDING: Readonly<Record<ChallengePurpose, Wording>> = {
  verification: {
    kind: 'verification',
    subject: 'Confirm your e-mail address',
    path: 'verify-email',
    label: 'Confirm address',
    before: 'please confirm that this address is yours.',
    after: 'If you did not ask for this, somebody has mistyped their address: do nothing, and nothing happens.',
  },
  'sign-up-hint': {
    kind: 'sign-up-hint',
    subject: 'You have an account already',
    path: 'sign-in',
    label: 'Sign in',
    before:
      'somebody, perhaps you, wanted to open an account with this address. There is one already: sign in, or ask for a new password.',
    after: 'If it was not you, do nothing: nothing has changed.',
  },
  'password-reset': {
    kind: 'password-reset',
    subject: 'Choose a new password',
    path: 'reset-password',
    label: 'Choose password',
    before: 'somebody, hopefully you, asked for a new password for your account.',
    after: 'If it was not you, do nothing: your password stays as it is.',
  },
  invitation: {
    kind: 'invitation',
    subject: 'An account was opened for you',
    path: 'reset-password',
    label: 'Choose password',
    before: 'an account was opened for you. Choose a password, and it is yours.',
    after: 'If you did not expect this, do nothing: without your password nobody can use the account.',
  },
};

/** The mail that belongs to a challenge: with its token, where it has one, and with a link, where there is a site for it. */
export function challengeMail({ purpose, token, expiresAt, ...contact }: Challenge, linksUrl?: string): MailContent {
  const { kind, subject, path, label, before, after } = WORDING[purpose];
  return mailContentOf({
    kind,
    subject,
    greeting: greetingOf(contact),
    before: [before],
    ...(linksUrl !== undefined && { link: { label, href: linkTo(linksUrl, path, token) } }),
    after: [
      ...(token === undefined ? [] : [`Your code: ${token}`, `It can be used once, until ${minuteOf(expiresAt)}.`]),
      after,
    ],
  });
}

/** The token stands behind the #, so that no server and no proxy on the way writes it into its log. */
function linkTo(linksUrl: string, path: string, token: string | undefined): string {
  const url = new URL(linksUrl);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`;
  url.hash = token === undefined ? '' : `token=${encodeURIComponent(token)}`;
  return url.href;
}

function minuteOf(time: string): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
