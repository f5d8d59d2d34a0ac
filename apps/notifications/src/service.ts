import { defineService } from '@ebb/function';
import { countFailedSignIns } from './functions/count-failed-sign-ins.ts';
import { forget } from './functions/forget.ts';
import { noticeTokenReuse } from './functions/notice-token-reuse.ts';
import { sendAlarm } from './functions/send-alarm.ts';
import { sendChallenge } from './functions/send-challenge.ts';
import { sendChangeNotice } from './functions/send-change-notice.ts';
import { sendWelcome } from './functions/send-welcome.ts';
import { listMailbox, readMail } from './routes/mailbox.ts';

/** Writes to people about their accounts. */
export const notifications = defineService('notifications', {
  functions: [sendWelcome, sendChallenge, countFailedSignIns, noticeTokenReuse, sendAlarm, sendChangeNotice, forget],
  routes: [listMailbox, readMail],
  database: { migrations: 'migrations' },
});
