import { orAborted } from '@ebb/core';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Mail } from '../mail/mail.ts';
import type { MailAddress } from '../mail/mail-address.ts';
import { rawMessage } from './raw-message.ts';
import { smtpFailure, type SmtpStage } from './smtp-failure.ts';
import type { SmtpServer } from './smtp-server.ts';

export interface SmtpOptions {
  readonly from: MailAddress;
  /** Certificates to trust instead of those that Node trusts, in PEM. */
  readonly ca?: string | undefined;
  /** For the whole conversation. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Gives one mail to a mail server; resolves once that has taken it.
 * @throws RetryableError · TerminalError when it did not go out · EbbError EBB_RUNTIME when nobody knows
 */
export async function sendBySmtp(
  server: SmtpServer,
  mail: Mail,
  { from, ca, timeoutMs, signal }: SmtpOptions,
): Promise<void> {
  const message = await rawMessage(mail, from);
  const connection = await connectionTo(server, timeoutMs, ca);
  let stage: SmtpStage = 'connection';
  const talk = async (): Promise<void> => {
    await open(connection, server);
    stage = 'message';
    const envelope = { from: from.address, to: [mail.to], size: message.length };
    await told((done) => connection.send(envelope, message, done));
  };
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    await orAborted(withErrors(connection, talk()), deadline);
    connection.quit();
  } catch (error) {
    connection.close();
    signal.throwIfAborted();
    throw smtpFailure(deadline.aborted ? { code: 'ETIMEDOUT' } : error, stage);
  }
}

async function connectionTo(
  { host, port, tls }: SmtpServer,
  timeoutMs: number,
  ca: string | undefined,
): Promise<SMTPConnection> {
  // Loaded with the first mail: a process that only counts failures needs none of it.
  const { default: Connection } = await import('nodemailer/lib/smtp-connection');
  return new Connection({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    socketCloseTimeout: 0,
  });
}

async function open(connection: SMTPConnection, { auth }: SmtpServer): Promise<void> {
  await told((done) => connection.connect(done));
  if (auth) await told((done) => connection.login(auth, done));
}

/** Errors that belong to no command come as events; without a listener they would end the process. */
function withErrors(connection: SMTPConnection, talk: Promise<void>): Promise<void> {
  const failed = new Promise<never>((_resolve, reject) => {
    connection.on('error', reject);
  });
  return Promise.race([talk, failed]);
}

function told(say: (done: (error?: Error | null) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    say((error) => (error ? reject(error) : resolve()));
  });
}
