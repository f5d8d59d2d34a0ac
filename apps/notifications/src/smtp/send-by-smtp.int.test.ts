import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { messageOf, RetryableError, TerminalError, type EbbError } from '@ebb/core';
import { exampleMail } from '../mail/mail.fixture.ts';
import { CERTIFICATE } from './certificate.fixture.ts';
import { startMailServer, type MailServer, type SmtpScript } from './mail-server.fixture.ts';
import { sendBySmtp } from './send-by-smtp.ts';
import { smtpServerOf } from './smtp-server.ts';

const from = { name: 'Ebb', address: 'no-reply@ebb.example' };
const options = { from, timeoutMs: 20_000, signal: new AbortController().signal };

describe('sendBySmtp', () => {
  let server: MailServer;
  beforeAll(async () => {
    server = await startMailServer();
  });
  afterEach(() => {
    server.script = ['take'];
    server.taken.length = 0;
  });
  afterAll(() => server.close());

  const plain = () => smtpServerOf(`smtp://127.0.0.1:${server.port}?tls=none`);
  const failing = async (script: SmtpScript, given: Partial<typeof options> = {}): Promise<unknown> => {
    server.script = [script];
    return sendBySmtp(plain(), exampleMail(), { ...options, ...given }).catch((error: unknown) => error);
  };

  it('gives the mail to the server, with an id that follows from the mail', async () => {
    const mail = exampleMail();
    await sendBySmtp(plain(), mail, options);
    expect(server.taken).toMatchObject([{ from: from.address, to: [mail.to] }]);
    expect(server.taken[0]?.raw).toContain(`Message-ID: <${mail.mailId}@ebb.example>\r\n`);
    expect(server.taken[0]?.raw).toContain('Auto-Submitted: auto-generated\r\n');
  });

  it('lets nothing become a header', async () => {
    const subject = 'Grüße\r\nBcc: victim@example.com\r\n\r\nnot the body';
    await sendBySmtp(plain(), exampleMail({ subject }), { ...options, from: { ...from, name: 'Ébb "& Co" <x>' } });
    const [head = ''] = server.taken[0]?.raw.split('\r\n\r\n') ?? [];
    expect(head).not.toMatch(/^(bcc|not the body)/im);
    expect(head).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(head).toMatch(/^From: =\?UTF-8\?[^\n]+<no-reply@ebb\.example>\r$/m);
    expect(server.taken[0]?.to).toEqual(['ada@example.com']);
  });

  it('refuses what is no address', async () => {
    const mail = exampleMail({ to: 'ada@example.com>\r\nRCPT TO:<victim@example.com' });
    await expect(sendBySmtp(plain(), mail, options)).rejects.toThrow(TerminalError);
    expect(server.taken).toEqual([]);
  });

  it.each<[string, SmtpScript, new (...parameters: never[]) => Error, string]>([
    ['no such recipient', { at: 'rcpt', code: 550 }, TerminalError, 'answered 550 5.1.1 to RCPT TO'],
    ['a mail that it does not like', { at: 'data', code: 554 }, TerminalError, 'answered 554 5.1.1 to DATA'],
    ['a recipient for now', { at: 'rcpt', code: 450 }, RetryableError, 'answered 450 4.1.1 to RCPT TO'],
    ['a mail for now', { at: 'data', code: 451 }, RetryableError, 'answered 451 4.1.1 to DATA'],
  ])('says that nothing went out when the server refuses %s, in codes only', async (_what, script, kind, said) => {
    const error = await failing(script);
    expect(error).toBeInstanceOf(kind);
    expect(messageOf(error)).toBe(`the mail server ${said}`);
    expect((error as Error).cause).toBeUndefined();
  });

  it.each<SmtpScript>(['drop-in-data', 'drop-after-data'])('does not claim to know after %s', async (script) => {
    const error = await failing(script);
    expect(error).toMatchObject({ code: 'EBB_RUNTIME' });
    expect(messageOf(error)).toMatch(/^the mail server did not say whether it took the mail/);
  });

  it('waits for an answer no longer than it may', async () => {
    expect(await failing('silent', { timeoutMs: 300 })).toMatchObject({ code: 'EBB_RUNTIME' });
  });

  it('leaves when it is told to', async () => {
    const reason = new Error('enough');
    expect(await failing('silent', { signal: AbortSignal.abort(reason) })).toBe(reason);
  });

  it('says that nothing happened when there is no server', async () => {
    const nowhere = await startMailServer();
    await nowhere.close();
    const sending = sendBySmtp(smtpServerOf(`smtp://127.0.0.1:${nowhere.port}?tls=none`), exampleMail(), options);
    await expect(sending).rejects.toThrow(RetryableError);
    await expect(sending).rejects.toThrow(/^no way to the mail server \(.*ECONNREFUSED\)$/);
  });

  it('says nothing in the clear where TLS is wanted', async () => {
    const starttls = smtpServerOf(`smtp://user:secret@127.0.0.1:${server.port}`);
    await expect(sendBySmtp(starttls, exampleMail(), options)).rejects.toThrow(RetryableError);
    expect(server.taken).toEqual([]);
  });
});

describe.each(['starttls', 'implicit'] as const)('sendBySmtp over TLS (%s)', (tls) => {
  let server: MailServer;
  beforeAll(async () => {
    server = await startMailServer({ tls, password: 'right' });
  });
  afterAll(() => server.close());
  const address = (password: string) =>
    smtpServerOf(`${tls === 'implicit' ? 'smtps' : 'smtp'}://mailer:${password}@127.0.0.1:${server.port}`);

  it('signs in and sends', async () => {
    await sendBySmtp(address('right'), exampleMail(), { ...options, ca: CERTIFICATE });
    expect(server.taken).toMatchObject([{ isEncrypted: true }]);
  });

  it('does not trust just anybody', async () => {
    const error = await sendBySmtp(address('right'), exampleMail(), options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RetryableError);
  });

  it('takes a wrong password for a fault of ours, not of the mail', async () => {
    const sending = sendBySmtp(address('wrong'), exampleMail(), { ...options, ca: CERTIFICATE });
    const error = await sending.catch((thrown: unknown) => thrown as EbbError);
    expect(error).toBeInstanceOf(RetryableError);
    expect(messageOf(error)).toMatch(/^the mail server answered 535/);
    expect(messageOf(error)).not.toContain('wrong');
  });
});
