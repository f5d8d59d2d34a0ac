import { describe, expect, it } from '@jest/globals';
import { AlarmKind, ChallengePurpose } from '@ebb/schemas';
import { greetingOf } from '../contact/contact.ts';
import { alarmMail } from './alarm.ts';
import { challengeMail } from './challenge.ts';
import { changeNotice, noticeOf } from './change-notice.ts';
import { mailContentOf } from './layout.ts';
import { welcomeMail } from './welcome.ts';

const contact = { userId: '0198b2f0-6f1c-7c3e-9d5a-2a7d41c09b11', email: 'ada@example.com', name: 'Ada' };
const challenge = { ...contact, token: 'tok', expiresAt: '2026-11-21T09:00:00.000Z' };

describe('greetingOf', () => {
  it.each([
    ['Ada', 'Hello Ada,'],
    ['  Zoë von Ähren-Özil ', 'Hello Zoë von Ähren-Özil,'],
    ['李小龙', 'Hello 李小龙,'],
    ["O'Neill", "Hello O'Neill,"],
    ['J. R. R. Tolkien', 'Hello J. R. R. Tolkien,'],
  ])('greets %j by name', (name, greeting) => {
    expect(greetingOf({ name })).toBe(greeting);
  });

  it.each([
    '',
    'Win a prize at evil.example',
    'https://evil',
    'www evil',
    'call +1: now',
    '<b>',
    'a@b',
    'x'.repeat(61),
    'Ada\nBcc',
    'Ada\u202e',
  ])('does not repeat %j: whoever signs up with the address of another person has us write to that person', (name) => {
    expect(greetingOf({ name })).toBe('Hello,');
  });
});

describe('mails', () => {
  const all = [
    welcomeMail(contact),
    changeNotice(noticeOf(['password'])!, contact),
    ...AlarmKind.options.map((kind) => alarmMail(kind, contact)),
    ...ChallengePurpose.options.map((purpose) => challengeMail({ ...challenge, purpose }, 'https://shop.example')),
  ];

  it.each(all.map((mail) => [mail.kind, mail] as const))('%s says the same as text and as HTML', (_kind, mail) => {
    expect(mail.subject).toMatch(/^[^\r\n]{5,78}$/);
    expect(mail.text).toMatch(/^Hello Ada,\n\n/);
    expect(mail.html).toContain('<p>Hello Ada,</p>');
    expect(mail.html.match(/<p>/g)?.length).toBe(mail.text.split('\n\n').length);
  });

  it.each(all.map((mail) => [mail.kind, mail] as const))('%s fetches nothing', (_kind, { html }) => {
    expect(html).not.toMatch(/<(?!\/|!doctype|html|head|meta charset|title|body|p>|a href)/);
    expect(html).not.toMatch(/src|url\(|@import|javascript:/i);
  });

  it('show what they are made of as text', () => {
    const { subject, html, text } = mailContentOf({
      kind: 'welcome',
      subject: 'Hello\r\nBcc: a@b\u2028c',
      greeting: '<script>"&\'',
      before: [],
      link: { label: '<b>', href: 'https://shop.example/?a="><script>' },
      after: [],
    });
    expect(subject).toBe('Hello Bcc: a@b c');
    expect(html).toContain('<p>&lt;script&gt;&quot;&amp;&#39;</p>');
    expect(html).toContain('href="https://shop.example/?a=&quot;&gt;&lt;script&gt;"');
    expect(html).not.toContain('<script>');
    expect(text).toContain('<script>');
  });

  it('give the code alone where there is no site', () => {
    const { text, html } = challengeMail({ ...challenge, purpose: 'password-reset' }, undefined);
    expect(text).toContain('Your code: tok');
    expect(html).not.toContain('href');
  });
});
