import { derivedId, RetryableError, type ConfigOf } from '@ebb/core';
import type { CloudEvent } from '@ebb/events';
import type { LeasedContext } from '@ebb/function';
import type { Contact } from '../contact/contact.ts';
import { openContacts, type Contacts } from '../contact/contacts.ts';
import { MAIL_SETTINGS } from '../settings.ts';
import { sendBySmtp } from '../smtp/send-by-smtp.ts';
import { smtpServerOf } from '../smtp/smtp-server.ts';
import { clockOf } from '../store/clock.ts';
import { insertMail } from '../store/mailbox.ts';
import type { Mail, MailContent } from './mail.ts';

/** What the functions that send mails have in common. A mail that does not get through holds up no other. */
export const MAIL_FUNCTION = {
  settings: MAIL_SETTINGS,
  order: 'unordered',
  timeout: '60s',
  retry: { attempts: 60, backoff: 'linear', delay: '1s' },
} as const;

/** All mails go through one server. A few recipients that it refuses for now must not look like a server that is down. */
const CIRCUIT = { name: 'mail-server', failures: 10, openFor: '30s' } as const;

type MailContext = Pick<
  LeasedContext<readonly [], readonly [], typeof MAIL_SETTINGS>,
  'step' | 'transaction' | 'config' | 'signal' | 'log'
>;

/** Asks accounts who a mail goes to, and writes it; undefined when nobody is to get it any more. */
export type Write = (
  contacts: Contacts,
) => Promise<{ readonly to: Contact; readonly content: MailContent } | undefined>;

/**
 * Sends one mail: asks for the address, writes, and hands it to the mail server, or the mailbox where that is on. Address and token pass through
 * memory; no step, log or error has them.
 */
export async function deliverMail(event: CloudEvent, write: Write, context: MailContext): Promise<void> {
  const { step, transaction, config, log } = context;
  const isKept = config.SMTP_URL === undefined && config.MAILBOX;
  const askedAt = isKept ? await transaction('begin', ({ db }) => clockOf(db)) : '';
  const written = await write(openContacts(config, context.signal));
  if (!written) {
    log.info({}, 'no mail: nobody is to get it any more');
    return;
  }
  const { to, content } = written;
  const mail: Mail = { ...content, mailId: mailIdOf(event), userId: to.userId, to: to.email };
  if (isKept) await transaction('keep', ({ db }) => insertMail(db, mail, askedAt));
  else await step('send', ({ signal }) => send(mail, config, signal), { onUnknown: 'retry', circuit: CIRCUIT });
  log.info({ userId: mail.userId, kind: mail.kind, mailId: mail.mailId }, isKept ? 'mail kept' : 'mail sent');
}

async function send(mail: Mail, config: ConfigOf<typeof MAIL_SETTINGS>, signal: AbortSignal): Promise<void> {
  if (config.SMTP_URL === undefined) throw new RetryableError('there is no mail server: SMTP_URL is not set');
  const server = smtpServerOf(config.SMTP_URL.reveal());
  const { MAIL_FROM: from, SMTP_CA: ca, SMTP_TIMEOUT: timeoutMs } = config;
  await sendBySmtp(server, mail, { from, ca, timeoutMs, signal });
}

/** The same for each attempt, so that who gets a mail twice can tell. */
const mailIdOf = ({ source, id }: CloudEvent): string => derivedId(`mail\u0000${source}\u0000${id}`);
