import { defineRoute } from '@ebb/function';
import * as z from 'zod/mini';
import { MAILBOX_SETTINGS } from '../settings.ts';
import { findMail, listMails } from '../store/mailbox.ts';

const MAX_LIMIT = 100;

const MailSummary = z.object({
  mailId: z.uuid(),
  kind: z.string(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  sentAt: z.iso.datetime(),
});

/** Whoever reads mails can be whoever they are for, so it answers on a machine for development only. */
const OFF = 'there is no mailbox: MAILBOX is not true';

export const listMailbox = defineRoute('GET /mailbox', {
  tags: ['mailbox'],
  access: 'anyone',
  gateway: false,
  settings: MAILBOX_SETTINGS,
  summary: 'Read what was sent, the newest first',
  query: z.object({
    /** An address, in any case. */
    to: z.optional(z.string().check(z.maxLength(320))),
    limit: z._default(z.coerce.number().check(z.multipleOf(1), z.minimum(1), z.maximum(MAX_LIMIT)), 20),
  }),
  answers: { 200: { schema: z.object({ mails: z.array(MailSummary) }) }, 404: OFF },
  async handle({ query }, { db, config }) {
    if (!config.MAILBOX) return { status: 404 };
    return { status: 200, body: { mails: await listMails(db, query) } };
  },
});

export const readMail = defineRoute('GET /mailbox/:mailId', {
  tags: ['mailbox'],
  access: 'anyone',
  gateway: false,
  settings: MAILBOX_SETTINGS,
  summary: 'Read one mail',
  params: z.object({ mailId: z.uuid() }),
  answers: { 200: { schema: z.extend(MailSummary, { html: z.string() }) }, 404: 'there is no such mail' },
  async handle({ params }, { db, config }) {
    if (!config.MAILBOX) return { status: 404, detail: OFF };
    const mail = await findMail(db, params.mailId);
    return mail ? { status: 200, body: mail } : { status: 404 };
  },
});
