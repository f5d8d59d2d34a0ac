import type { Mail } from '../mail/mail.ts';
import type { MailAddress } from '../mail/mail-address.ts';

/** A mail as it travels (RFC 5322): names and subject are encoded, so that nothing in them becomes a header. */
export async function rawMessage(mail: Mail, from: MailAddress): Promise<Buffer> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const { mailId, to, subject, text, html } = mail;
  return new MailComposer({
    from,
    to: { name: '', address: to },
    subject,
    text,
    html,
    messageId: `<${mailId}@${domainOf(from.address)}>`,
    // No out-of-office reply is to come back (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated' },
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);
