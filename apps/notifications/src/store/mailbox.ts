import type { Sql } from '@ebb/postgres';
import type { Mail } from '../mail/mail.ts';
import { lockUser } from './user-lock.ts';

const MAX_MAILS = 1_000;

/** Puts a mail into the mailbox, unless its user was forgotten after `askedAt`; the oldest make room. */
export async function insertMail(db: Sql, mail: Mail, askedAt: string): Promise<void> {
  const { mailId, userId, kind, to, subject, text, html } = mail;
  await lockUser(db, userId);
  await db`
    insert into mail (mail_id, user_id, kind, to_address, subject, text, html)
    select ${mailId}, ${userId}, ${kind}, ${to}, ${subject}, ${text}, ${html}
    where not exists (select from forgotten where user_id = ${userId} and at >= ${askedAt}::timestamptz)
    on conflict (mail_id) do nothing`;
  await db`delete from mail where number <= (select max(number) - ${MAX_MAILS}::bigint from mail)`;
}

/** A mail as the list shows it. */
export interface MailSummary {
  readonly mailId: string;
  readonly kind: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly sentAt: string;
}

/** The whole mail. */
export interface MailView extends MailSummary {
  readonly html: string;
}

interface MailRow {
  mail_id: string;
  kind: string;
  to_address: string;
  subject: string;
  text: string;
  html: string;
  sent_at: Date;
}

/** The newest first; of one address, if one is given. */
export async function listMails(
  db: Sql,
  { to, limit }: { readonly to?: string | undefined; readonly limit: number },
): Promise<readonly MailSummary[]> {
  const rows = await db<MailRow>`
    select * from mail where ${to ?? null}::text is null or lower(to_address) = lower(${to ?? null})
    order by number desc limit ${limit}`;
  return rows.map(summaryOf);
}

export async function findMail(db: Sql, mailId: string): Promise<MailView | undefined> {
  const [row] = await db<MailRow>`select * from mail where mail_id = ${mailId}`;
  return row && { ...summaryOf(row), html: row.html };
}

function summaryOf({ mail_id, kind, to_address, subject, text, sent_at }: MailRow): MailSummary {
  return { mailId: mail_id, kind, to: to_address, subject, text, sentAt: sent_at.toISOString() };
}
