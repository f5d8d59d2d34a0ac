import { newId } from '@ebb/core';
import type { Mail } from './mail.ts';

/** A mail that is in order. */
export const exampleMail = (overrides: Partial<Mail> = {}): Mail => ({
  kind: 'welcome',
  mailId: newId(),
  userId: newId(),
  to: 'ada@example.com',
  subject: 'Welcome',
  text: 'Hello',
  html: '<p>Hello</p>',
  ...overrides,
});
