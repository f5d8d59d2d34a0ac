import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, Secret } from '@ebb/core';
import { sql } from '@ebb/postgres';
import {
  AlarmRaised,
  ChallengeIssued,
  LoginFailed,
  SessionRevoked,
  UserDeleted,
  UserRegistered,
  UserUpdated,
  type AlarmKind,
} from '@ebb/schemas';
import { exampleOf, testService, type TestService } from '@ebb/testing';
import { CONTACT_TOKEN, startAccounts, type AccountsStandIn } from '../contact/accounts.fixture.ts';
import { notifications } from '../service.ts';
import { startMailServer, type MailServer, type SmtpScript } from '../smtp/mail-server.fixture.ts';

const config = (accounts: AccountsStandIn) => ({
  ACCOUNTS_URL: accounts.url,
  CONTACT_TOKEN: new Secret(CONTACT_TOKEN),
  SMTP_TIMEOUT: 20_000,
  MAIL_FROM: { name: 'Ebb', address: 'no-reply@ebb.example' },
  LINKS_URL: 'https://shop.example/account',
  SIGN_IN_ALARM_FAILURES: 3,
  SIGN_IN_ALARM_WINDOW: 900_000,
});
const migrations = new URL('../../migrations', import.meta.url);

let accounts: AccountsStandIn;
beforeAll(async () => {
  accounts = await startAccounts();
});
afterEach(() => {
  accounts.status = undefined;
  accounts.before = undefined;
});
afterAll(() => accounts.close());

function newUser(name = 'Zuleika'): { readonly userId: string; readonly email: string } {
  const userId = newId();
  const email = `ada.${userId}@example.com`;
  accounts.answers.set(`/contacts/${userId}`, { userId, email, name });
  return { userId, email };
}

function newChallenge(purpose: 'verification' | 'sign-up-hint' | 'password-reset', token?: string) {
  const user = newUser();
  const challengeId = newId();
  const expiresAt = '2026-11-22T08:30:00.000Z';
  accounts.answers.set(`/challenges/${challengeId}/message`, { ...user, purpose, expiresAt, ...(token && { token }) });
  return { ...user, event: exampleOf(ChallengeIssued, { userId: user.userId, challengeId, purpose }) };
}

describe('with a mail server', () => {
  let mails: MailServer;
  let service: TestService;
  beforeAll(async () => {
    mails = await startMailServer();
    const SMTP_URL = new Secret(`smtp://127.0.0.1:${mails.port}?tls=none`);
    service = await testService(notifications, {
      migrations,
      config: { ...config(accounts), SMTP_URL, MAILBOX: true },
    });
  });
  afterEach(() => {
    mails.script = ['take'];
    mails.taken.length = 0;
  });
  afterAll(async () => {
    await service.close();
    await mails.close();
  });

  /** All that the service has written down, of its own and of the platform's. */
  const everything = async (): Promise<string> => {
    const tables = await service.db<{ name: string }>`
      select table_name as name from information_schema.tables where table_schema = current_schema()`;
    const texts: string[] = [];
    for (const { name } of tables) {
      const rows = await service.db<{ text: string }>`select t::text as text from ${sql.identifier(name)} t`;
      texts.push(...rows.map(({ text }) => text));
    }
    return texts.join('\n');
  };

  it('welcomes a user, once', async () => {
    const { userId, email } = newUser();
    const event = exampleOf(UserRegistered, { userId });
    const [first, second] = await service.deliverTwice('send-welcome', event);
    expect([first.outcome, second.outcome]).toEqual(['done', 'duplicate']);
    expect(mails.taken.map(({ to }) => to)).toEqual([[email]]);
  });

  it('sends the token of a challenge, and the way to use it', async () => {
    const { event, email } = newChallenge('password-reset', 'tok-%en');
    await service.deliver('send-challenge', event);
    expect(mails.taken).toMatchObject([{ to: [email] }]);
    const text = mails.taken[0]!.raw.replaceAll('=\r\n', '').replaceAll('=3D', '=');
    expect(text).toContain('https://shop.example/account/reset-password#token=tok-%25en');
    expect(text).toContain('Your code: tok-%en');
    expect(text).toContain('until 2026-11-22 08:30 UTC');
    expect(text).not.toMatch(/<img|src=|<link|@import|url\(/i);
  });

  it('sends a hint without a token', async () => {
    await service.deliver('send-challenge', newChallenge('sign-up-hint').event);
    expect(mails.taken).toHaveLength(1);
    expect(mails.taken[0]?.raw).not.toContain('Your code');
  });

  it('tells of a new password, and not of a new name', async () => {
    const { userId, email } = newUser();
    await service.deliver('send-change-notice', exampleOf(UserUpdated, { userId, changed: ['name', 'roles'] }));
    expect(mails.taken).toEqual([]);
    await service.deliver('send-change-notice', exampleOf(UserUpdated, { userId, changed: ['name', 'password'] }));
    expect(mails.taken).toMatchObject([{ to: [email] }]);
  });

  it('sends nothing to somebody who is gone', async () => {
    const gone = exampleOf(UserRegistered, { userId: newId() });
    expect(await service.deliver('send-welcome', gone)).toMatchObject({ outcome: 'done' });
    expect(mails.taken).toEqual([]);
  });

  it.each<[string, SmtpScript]>([
    ['refuses it for now', { at: 'data', code: 451 }],
    ['goes away in the middle of it', 'drop-in-data'],
  ])('sends a mail again when the server %s', async (_what, script) => {
    const { userId } = newUser();
    const event = exampleOf(UserRegistered, { userId });
    mails.script = [script, 'take'];
    await service.deliver('send-welcome', event);
    expect(mails.taken).toEqual([]);
    await service.advance('10m');
    await service.deliver('send-welcome', event);
    expect(mails.taken).toHaveLength(1);
  });

  it('sends a mail a second time at worst, under the same id, when nobody knows whether it went out', async () => {
    const { userId } = newUser();
    const event = exampleOf(UserRegistered, { userId });
    mails.script = ['drop-after-data', 'take'];
    expect(await service.deliver('send-welcome', event)).toMatchObject({ outcome: 'retry' });
    expect(await service.deliver('send-welcome', event)).toMatchObject({ outcome: 'done' });
    const ids = mails.taken.map(({ raw }) => /^Message-ID: (.*)$/m.exec(raw)?.[1]);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('sends it a second time at worst when the process ends before it has written down that it is sent', async () => {
    const event = exampleOf(UserRegistered, { userId: newUser().userId });
    expect(await service.stepOutcomeUnknown('send-welcome', 'send', event)).toMatchObject({ outcome: 'retry' });
    expect(await service.deliver('send-welcome', event)).toMatchObject({ outcome: 'done' });
    expect(await service.deliver('send-welcome', event)).toMatchObject({ outcome: 'duplicate' });
    expect(mails.taken).toHaveLength(2);
  });

  it('puts a refused mail aside with the reason, and writes down neither address nor token', async () => {
    const { event, email } = newChallenge('verification', 'the-secret-token');
    mails.script = [{ at: 'data', code: 554 }];
    expect(await service.deliver('send-challenge', event)).toMatchObject({ outcome: 'parked', reason: 'terminal' });
    const { parked } = await service.state();
    expect(parked[0]?.error).toContain('the mail server answered 554 5.1.1 to DATA');
    const written = await everything();
    expect(written).toContain(event.id);
    const secrets = [email, 'the-secret-token', 'Zuleika', CONTACT_TOKEN];
    expect(secrets.filter((secret) => written.includes(secret))).toEqual([]);
  });

  it('comes again when accounts cannot be asked', async () => {
    const event = exampleOf(UserRegistered, { userId: newUser().userId });
    for (accounts.status of [503, 401]) {
      expect(await service.deliver('send-welcome', event)).toMatchObject({ outcome: 'retry' });
    }
    accounts.status = undefined;
    expect(await service.deliver('send-welcome', event)).toMatchObject({ outcome: 'done' });
  });
});

describe('with a mail server that is away', () => {
  let service: TestService;
  beforeAll(async () => {
    const mails = await startMailServer();
    await mails.close();
    const SMTP_URL = new Secret(`smtp://127.0.0.1:${mails.port}?tls=none`);
    service = await testService(notifications, {
      migrations,
      config: { ...config(accounts), SMTP_URL, MAILBOX: true },
    });
  });
  afterAll(() => service.close());

  it('leaves it alone for a while after ten failures', async () => {
    const said: (string | undefined)[] = [];
    for (let mail = 0; mail < 11; mail += 1) {
      const { problem } = await service.deliver(
        'send-welcome',
        exampleOf(UserRegistered, { userId: newUser().userId }),
      );
      said.push(problem?.detail);
    }
    expect(new Set(said.slice(0, 10))).toEqual(new Set(['no way to the mail server (ESOCKET, ECONNREFUSED)']));
    expect(said[10]).toMatch(/circuit|mail-server/);
  });
});

describe('without a mail server', () => {
  it('says so, and keeps the mail for when there is one', async () => {
    const service = await testService(notifications, { migrations, config: { ...config(accounts), MAILBOX: false } });
    const sent = await service.deliver('send-welcome', exampleOf(UserRegistered, { userId: newUser().userId }));
    expect(sent).toMatchObject({
      outcome: 'retry',
      problem: { detail: 'there is no mail server: SMTP_URL is not set' },
    });
    await service.close();
  });
});

describe('alarms', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await testService(notifications, { migrations, config: { ...config(accounts), MAILBOX: true } });
  });
  afterAll(() => service.close());

  /** Three hours ago, and full. */
  const hour = (Math.floor(Date.now() / 3_600_000) - 3) * 3_600_000;
  const fail = async (userId: string | undefined, minute: number) => {
    const { login, reason, failures } = LoginFailed.example;
    const data = { login, reason, failures, ...(userId !== undefined && { userId }) };
    const time = new Date(hour + minute * 60_000).toISOString();
    return service.deliver('count-failed-sign-ins', { ...exampleOf(LoginFailed), id: newId(), time, data });
  };
  const raised = (userId: string, kind: AlarmKind) => [{ type: AlarmRaised.type, data: { userId, kind } }];

  it('are raised at so many failures within the window, once an hour', async () => {
    const { userId } = newUser();
    expect(await fail(userId, 0)).toMatchObject({ emitted: [] });
    expect(await fail(userId, 1)).toMatchObject({ emitted: [] });
    expect(await fail(userId, 2)).toMatchObject({ emitted: raised(userId, 'failed-sign-ins') });
    expect(await fail(userId, 3)).toMatchObject({ outcome: 'done', emitted: [] });
    await fail(userId, 61);
    await fail(userId, 62);
    expect(await fail(userId, 63)).toMatchObject({ emitted: raised(userId, 'failed-sign-ins') });
  });

  it('are not raised for failures that lie far apart', async () => {
    const { userId } = newUser();
    for (const minute of [0, 14, 28, 42]) expect(await fail(userId, minute)).toMatchObject({ emitted: [] });
  });

  it('are not raised for accounts that do not exist', async () => {
    for (const minute of [0, 1, 2, 3]) expect(await fail(undefined, minute)).toMatchObject({ emitted: [] });
  });

  it('are raised when a refresh token was used twice, and not when somebody signed out', async () => {
    const { userId } = newUser();
    const reused = () => exampleOf(SessionRevoked, { userId, reason: 'token-reuse' });
    const { emitted } = await service.deliver('notice-token-reuse', reused());
    expect(emitted).toMatchObject(raised(userId, 'token-reuse'));
    expect(await service.deliver('notice-token-reuse', reused())).toMatchObject({ emitted: [] });
    const left = exampleOf(SessionRevoked, { userId: newUser().userId, reason: 'signed-out' });
    expect(await service.deliver('notice-token-reuse', left)).toMatchObject({ outcome: 'done', emitted: [] });
  });

  it('reach the mailbox', async () => {
    const { userId, email } = newUser();
    await service.deliver('send-alarm', exampleOf(AlarmRaised, { userId, kind: 'token-reuse' }));
    const rows = await service.db`select kind, to_address from mail where user_id = ${userId}`;
    expect(rows).toEqual([{ kind: 'session-alarm', to_address: email }]);
  });
});

describe('forget', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await testService(notifications, { migrations, config: { ...config(accounts), MAILBOX: true } });
  });
  afterAll(() => service.close());

  const left = async (userId: string) => {
    const { rows } = await service.state();
    return ['mail', 'failed_sign_in', 'alarm'].flatMap((table) =>
      (rows[table] ?? []).filter((row) => JSON.stringify(row).includes(userId)),
    );
  };

  it('removes mails, failures and alarms of the user, and of nobody else', async () => {
    const [user, other] = [newUser(), newUser()];
    for (const { userId } of [user, other]) {
      await service.deliver('send-welcome', exampleOf(UserRegistered, { userId }));
      await service.deliver('notice-token-reuse', exampleOf(SessionRevoked, { userId, reason: 'token-reuse' }));
      await service.deliver('count-failed-sign-ins', exampleOf(LoginFailed, { userId }));
    }
    await service.deliver('forget', exampleOf(UserDeleted, { userId: user.userId, erased: true }));
    expect(await left(user.userId)).toEqual([]);
    expect(await left(other.userId)).toHaveLength(3);
  });

  it('comes before a mail whose address was asked for earlier', async () => {
    const { userId } = newUser();
    // The address is on its way already.
    accounts.before = () => service.deliver('forget', exampleOf(UserDeleted, { userId, erased: true }));
    const sent = await service.deliver('send-welcome', exampleOf(UserRegistered, { userId }));
    expect(sent).toMatchObject({ outcome: 'done' });
    expect(await left(userId)).toEqual([]);
  });
});
