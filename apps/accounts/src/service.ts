import { defineService } from '@ebb/function';

/** Who people are: accounts, their sessions, and the keys that prove it to everybody else. */
export const accounts = defineService('accounts', {
  database: { migrations: 'migrations' },
});
