import { describe, expect, it } from '@jest/globals';
import { KafkaJSProtocolError } from 'kafkajs';
import { isTooLarge } from './kafka-errors.ts';

const refused = (type: string) => new KafkaJSProtocolError(Object.assign(new Error('refused'), { type, code: 10 }));

describe('what no topic takes', () => {
  it('is told by the broker, wherever in the chain of causes', () => {
    expect(isTooLarge(refused('MESSAGE_TOO_LARGE'))).toBe(true);
    const wrapped = new Error('gave up', { cause: refused('RECORD_LIST_TOO_LARGE') });
    expect(isTooLarge(wrapped)).toBe(true);
    expect([isTooLarge(refused('NOT_LEADER_FOR_PARTITION')), isTooLarge(new Error('x'))]).toEqual([false, false]);
  });
});
