import { randomUUID } from 'node:crypto';
import { eventually } from '@ebb/testing';
import type { Ebb } from '@ebb/testing/local';

export interface Tokens {
  readonly userId: string;
  readonly accessToken: string;
}

const PASSWORD = 'seven lamps on the pier';
/** Several services have to wake up for a mail. */
const MAIL_DEADLINE_MS = 60_000;

/** Signs somebody up as a person does: through the gateway, with the code out of the mailbox. */
export async function signUp(ebb: Ebb, email = `${randomUUID()}@example.com`): Promise<Tokens> {
  await send(ebb, '/sign-ups', { email, password: PASSWORD });
  const token = await eventually(() => codeFor(ebb, email), { timeoutMs: MAIL_DEADLINE_MS });
  await send(ebb, '/verifications', { token });
  return send<Tokens>(ebb, '/sessions', { email, password: PASSWORD });
}

async function codeFor(ebb: Ebb, email: string): Promise<string | undefined> {
  const reply = await ebb.http('notifications', `/mailbox?to=${encodeURIComponent(email)}`);
  if (reply.status !== 200) return undefined;
  const [mail] = reply.json<{ mails: readonly { text: string }[] }>().mails;
  return /\S{40,}/.exec(mail?.text ?? '')?.[0];
}

async function send<T>(ebb: Ebb, path: string, body: object): Promise<T> {
  const reply = await ebb.http('gateway', path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (reply.status >= 300) throw new Error(`POST ${path} answered ${reply.status}: ${reply.body}`);
  return reply.body === '' ? (undefined as T) : reply.json<T>();
}
