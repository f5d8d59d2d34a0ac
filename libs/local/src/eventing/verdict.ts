import { messageOf } from '@ebb/core';
import { decodeHttp, type DecodedEvent } from '@ebb/events';
import { isRetryable } from '@ebb/knative';
import type { HttpAnswer } from './http-answer.ts';

/** What an answer means for the event that was delivered. */
export type Verdict =
  | { readonly kind: 'success' }
  | { readonly kind: 'reply'; readonly reply: DecodedEvent }
  | { readonly kind: 'failure'; readonly retryable: boolean; readonly reason: string; readonly noEvent?: boolean };

/** Judges an answer by the rules of the Kafka data plane. */
export function judge(answer: HttpAnswer): Verdict {
  const { status } = answer;
  if (status < 200 || status > 299) {
    return { kind: 'failure', retryable: isRetryable(status), reason: `answered ${status}` };
  }
  if (answer.truncated) return noEvent(`answered ${status} with a body that is longer than an event may be`);
  if (carriesEvent(answer.headers)) return judgeReply(answer);
  if (answer.body.length === 0) return { kind: 'success' };
  return noEvent(`answered ${status} with a body that is no CloudEvent`);
}

function judgeReply({ status, headers, body }: HttpAnswer): Verdict {
  try {
    const { mode, events } = decodeHttp(headers, body);
    const [reply] = events;
    if (mode !== 'batch' && reply) return { kind: 'reply', reply };
    return noEvent(`answered ${status} with a batch, which is no reply`);
  } catch (error) {
    return noEvent(`answered ${status} with an invalid CloudEvent: ${messageOf(error)}`);
  }
}

function noEvent(reason: string): Verdict {
  return { kind: 'failure', retryable: false, reason, noEvent: true };
}

/** Whatever the status, 204 included: headers alone make an answer an event (trap 6). */
function carriesEvent(headers: Readonly<Record<string, string>>): boolean {
  return headers['ce-specversion'] !== undefined || /^application\/cloudevents/i.test(headers['content-type'] ?? '');
}
