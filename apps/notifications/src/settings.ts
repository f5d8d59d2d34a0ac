import { setting } from '@ebb/core';
import { mailAddressSetting } from './mail/mail-address.ts';
import { smtpSetting } from './smtp/smtp-server.ts';

export const MAILBOX_SETTINGS = {
  MAILBOX: setting.flag({
    description: 'keep mails where GET /mailbox shows them, when there is no SMTP_URL: for development only',
    default: false,
  }),
};

/** What sending a mail needs. */
export const MAIL_SETTINGS = {
  ...MAILBOX_SETTINGS,
  ACCOUNTS_URL: setting.service('accounts', { description: 'who knows the address of a user' }),
  CONTACT_TOKEN: setting.secret({ description: 'proves to accounts that addresses and tokens may be told' }),
  SMTP_URL: setting.optional(smtpSetting({ description: 'the mail server: smtps://user:password@host' })),
  SMTP_CA: setting.optional(
    setting.text({
      description:
        'certificates of authorities that vouch for the mail server, in PEM; without it those that Node knows',
    }),
  ),
  SMTP_TIMEOUT: setting.duration({
    description: 'how long giving one mail to the mail server may take',
    default: 30_000,
  }),
  MAIL_FROM: mailAddressSetting({
    description: 'the sender: Name <no-reply@example.com>',
    default: { name: 'Ebb', address: 'no-reply@ebb.example' },
  }),
  LINKS_URL: setting.optional(
    setting.url({ description: 'the site that links in mails lead to; without it there is only the code' }),
  ),
};

export const ALARM_SETTINGS = {
  SIGN_IN_ALARM_FAILURES: setting.integer({
    description: 'failed sign-ins of one user after which they are told',
    default: 5,
    min: 1,
    max: 1_000,
  }),
  SIGN_IN_ALARM_WINDOW: setting.duration({
    description: 'the time within which these failures count',
    default: 15 * 60_000,
  }),
};
