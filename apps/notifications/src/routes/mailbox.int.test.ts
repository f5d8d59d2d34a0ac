import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, Secret } from '@ebb/core';
import { UserRegistered } from '@ebb/schemas';
import { exampleOf, testService, type TestService } from '@ebb/testing';
import { CONTACT_TOKEN, startAccounts, type AccountsStandIn } from '../contact/accounts.fixture.ts';
import { notifications } from '../service.ts';

const migrations = new URL('../../migrations', import.meta.url);

describe('GET /mailbox', () => {
  let accounts: AccountsStandIn;
  let service: TestService;
  beforeAll(async () => {
    accounts = await startAccounts();
    const config = { ACCOUNTS_URL: accounts.url, CONTACT_TOKEN: new Secret(CONTACT_TOKEN), MAILBOX: true };
    service = await testService(notifications, { migrations, config });
  });
  afterAll(async () => {
    await service.close();
    await accounts.close();
  });

  const welcome = async (email: string) => {
    const userId = newId();
    accounts.answers.set(`/contacts/${userId}`, { userId, email, name: 'Ada <b>' });
    await service.deliver('send-welcome', exampleOf(UserRegistered, { userId }));
  };
  interface Listed {
    readonly mails: readonly { readonly mailId: string; readonly to: string; readonly subject: string }[];
  }
  const list = async (query = '') => (await service.request('GET', `/mailbox${query}`)).json() as Listed;

  it('shows what was sent, the newest first', async () => {
    for (const email of ['a@example.com', 'B@example.com', 'a@example.com']) await welcome(email);
    expect((await list()).mails.map(({ to }) => to)).toEqual(['a@example.com', 'B@example.com', 'a@example.com']);
    expect((await list('?to=b%40EXAMPLE.com')).mails).toMatchObject([{ to: 'B@example.com', subject: 'Welcome' }]);
    expect((await list('?to=nobody@example.com')).mails).toEqual([]);
    expect((await list('?limit=1')).mails).toHaveLength(1);
  });

  it('shows the whole of one mail', async () => {
    const [mail] = (await list('?limit=1')).mails;
    const reply = await service.request('GET', `/mailbox/${mail?.mailId}`);
    expect(reply.json()).toMatchObject({ ...mail, html: expect.stringContaining('<!doctype html>') });
  });

  it.each(['?limit=0', '?limit=101', '?limit=1.5', '?limit=many'])('refuses %s', async (query) => {
    expect(await service.request('GET', `/mailbox${query}`)).toMatchObject({ status: 400 });
  });

  it.each([newId(), 'none'])('knows no mail %s', async (id) => {
    expect(await service.request('GET', `/mailbox/${id}`)).toMatchObject({ status: 404 });
  });

  it('keeps a thousand mails', async () => {
    await service.db`
      insert into mail (mail_id, user_id, kind, to_address, subject, text, html)
      select gen_random_uuid(), gen_random_uuid(), 'welcome', 'many@example.com', '', '', '' from generate_series(1, 1100)`;
    await welcome('last@example.com');
    const [row] = await service.db<{ count: number }>`select count(*)::int as count from mail`;
    expect(row?.count).toBe(1_000);
    expect((await list('?limit=1')).mails).toMatchObject([{ to: 'last@example.com' }]);
  });
});

describe('without a mailbox', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await testService(notifications, { migrations, config: { MAILBOX: false } });
  });
  afterAll(() => service.close());

  it.each(['/mailbox', `/mailbox/${newId()}`])('nobody can read %s', async (path) => {
    expect(await service.request('GET', path)).toMatchObject({ status: 404 });
  });
});
