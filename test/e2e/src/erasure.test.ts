import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, type HttpResult, type WorkspaceCopy } from '@ebb/testing/local';
import { filesWith, tablesWith } from './marks.fixture.ts';

const CONTACT_TOKEN = 'a-token-between-services';
const key = (letter: string): string => Buffer.alloc(32, letter).toString('base64');
const ENV = {
  accounts: { CONTACT_TOKEN, TOKEN_KEY: key('t'), KEY_ENCRYPTION_KEY: key('k') },
  notifications: { CONTACT_TOKEN, MAILBOX: 'true', SIGN_IN_ALARM_FAILURES: '2' },
};

/** On a busy machine the builds of all services take their time. */
const START_DEADLINE_MS = 120_000;
const PATIENCE = { timeoutMs: 60_000, intervalMs: 200 };

/** What a person says of themselves, wherever they are asked. */
const MARKS = ['marked-address', 'Markedname', 'Markedchange', 'markeddevice', 'marked password'];
const EMAIL = 'Marked-Address@example.com';
const PASSWORD = 'a marked password of mine';

interface MailSummary {
  readonly mailId: string;
  readonly kind: string;
  readonly text: string;
}

let workspace: WorkspaceCopy;
let ebb: Ebb;
beforeAll(async () => {
  workspace = copyWorkspace(import.meta.dirname, {
    apps: ['accounts', 'notifications', 'gateway', 'relay'],
    config: { env: ENV },
  });
  ebb = await Ebb.start(workspace, ['--no-watch'], { readyWithinMs: START_DEADLINE_MS });
}, START_DEADLINE_MS);

afterAll(async () => {
  await ebb.stop();
  workspace.remove();
});

const ask = (method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<HttpResult> =>
  ebb.http('gateway', path, {
    method,
    headers: { 'user-agent': 'Markeddevice/1.0', ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });

const mails = async (): Promise<readonly MailSummary[]> =>
  (await ebb.http('notifications', `/mailbox?to=${EMAIL}`)).json<{ mails: MailSummary[] }>().mails;

async function mailOf(kind: string): Promise<MailSummary> {
  let found: MailSummary | undefined;
  await eventually(async () => (found = (await mails()).find((mail) => mail.kind === kind)) !== undefined, PATIENCE);
  if (!found) throw new Error(`there is no ${kind} mail`);
  return found;
}

describe('who asks to be erased', () => {
  it('is nowhere any more: in no table, no event, no parked delivery, no log', async () => {
    expect(await ask('POST', '/sign-ups', { email: EMAIL, password: PASSWORD, name: 'Markedname' })).toMatchObject({
      status: 202,
    });
    const token = /Your code: (\S+)/.exec((await mailOf('verification')).text)?.[1];
    const { userId } = (await ask('POST', '/verifications', { token })).json<{ userId: string }>();
    await mailOf('welcome');
    for (const attempt of ['first', 'second']) {
      const wrong = { email: EMAIL, password: `no marked password, ${attempt}` };
      expect(await ask('POST', '/sessions', wrong)).toMatchObject({ status: 401 });
    }
    await mailOf('sign-in-alarm');
    await ask('POST', '/sign-ups', { email: EMAIL, password: PASSWORD, name: 'Markedname' });
    await mailOf('sign-up-hint');
    await ask('POST', '/password-resets', { email: EMAIL });
    await mailOf('password-reset');

    const signedIn = await ask('POST', '/sessions', { email: EMAIL, password: PASSWORD });
    const { accessToken } = signedIn.json<{ accessToken: string }>();
    const authorization = `Bearer ${accessToken}`;
    const { headers } = await ask('GET', `/users/${userId}`, undefined, { authorization });
    const change = { authorization, 'if-match': headers.etag ?? '' };
    expect(await ask('PATCH', `/users/${userId}`, { name: 'Markedchange' }, change)).toMatchObject({ status: 200 });
    await parkOne(userId);

    const before = await tablesWith(workspace.root, MARKS);
    expect(before).toEqual(expect.arrayContaining(['accounts.users', 'accounts.sessions', 'notifications.mail']));
    expect(await ask('POST', `/users/${userId}/erasure`, undefined, { authorization })).toMatchObject({ status: 204 });
    await eventually(async () => (await mails()).length === 0, PATIENCE);

    expect(await tablesWith(workspace.root, MARKS)).toEqual([]);
    expect(filesWith(workspace.root, MARKS)).toEqual([]);
    // The id stays: what was done, and that it was erased, can be told.
    expect(await tablesWith(workspace.root, [userId])).toEqual(
      expect.arrayContaining(['accounts.users', 'accounts.audit_trail', 'notifications.parked']),
    );
    expect(await ask('POST', '/sessions', { email: EMAIL, password: PASSWORD })).toMatchObject({ status: 401 });
  }, 240_000);
});

/** An event about the user that is put aside: its id is that of another one. */
async function parkOne(userId: string): Promise<void> {
  const id = randomUUID();
  const publish = (challengeId: string): Promise<HttpResult> =>
    ebb.http('', '/ebb/v1/publish', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        type: 'dev.ebb.auth.challenge.issued.v1',
        id,
        source: '/cli',
        data: { userId, challengeId, purpose: 'password-reset' },
      }),
    });
  for (const challengeId of [randomUUID(), randomUUID()])
    expect(await publish(challengeId)).toMatchObject({ status: 202 });
  const parked = async (): Promise<readonly { eventId: string }[]> =>
    (await ebb.http('', '/ebb/v1/dead?service=notifications')).json<{ items: { eventId: string }[] }>().items;
  await eventually(async () => (await parked()).some(({ eventId }) => eventId === id), PATIENCE);
}
