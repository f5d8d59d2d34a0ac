import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isKafkaUrl, kafkaAddress, kafkaUrl, parseKafkaUrl } from './kafka-url.ts';

describe('the address of a Kafka', () => {
  it.each([
    ['localhost:9092', { brokers: ['localhost:9092'] }],
    ['kafka://a:1,b:2/', { brokers: ['a:1', 'b:2'] }],
    ['[::1]:9092', { brokers: ['[::1]:9092'] }],
    ['kafka://a:1?tls=true', { brokers: ['a:1'], tls: {} }],
    [
      'kafka://me:p%40ss%3Aword@a:1/?mechanism=SCRAM-SHA-512',
      { brokers: ['a:1'], credentials: { mechanism: 'scram-sha-512', username: 'me', password: 'p@ss:word' } },
    ],
  ])('is understood: %s', (text, connection) => {
    expect(parseKafkaUrl(text)).toEqual(connection);
    expect(parseKafkaUrl(kafkaUrl(text))).toEqual(connection);
  });

  it.each([
    ['', /no address/],
    ['localhost', /"localhost" is no host:port/],
    ['a:1,b', /"b" is no host:port/],
    ['a:99999', /no host:port/],
    ['http://a:1', /no address|no host:port/],
    ['a:1/?speed=1', /no parameter "speed": there are tls/],
    ['a:1/?tls=yes', /tls=true or tls=false/],
    ['a:1/?mechanism=kerberos', /no mechanism "kerberos": there are plain/],
    ['a:1/?ca=/nowhere/ca.pem', /the file \/nowhere\/ca.pem as ca/],
    ['%zz@a:1', /not percent-encoded/],
  ])('is refused with a reason: %s', (text, reason) => {
    expect(() => parseKafkaUrl(text)).toThrow(reason);
  });

  it('never shows its password', () => {
    const text = 'kafka://me:hunter2@a:b';
    expect(() => parseKafkaUrl(text)).toThrow(/^(?!.*hunter2)/);
    expect(kafkaAddress(parseKafkaUrl('kafka://me:hunter2@a:1'))).toBe('a:1');
  });

  it('takes credentials that came by another way, whatever they are made of', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'grapheme' }),
        fc.string({ unit: 'grapheme' }),
        (username, password) => {
          const url = kafkaUrl('a:1', { username, password });
          expect(isKafkaUrl(url)).toBe(true);
          expect(parseKafkaUrl(url).credentials).toEqual({ mechanism: 'plain', username, password });
        },
      ),
    );
  });

  it('reads the files of its certificates', () => {
    const directory = mkdtempSync(join(tmpdir(), 'ebb-tls-'));
    const file = join(directory, 'c a.pem');
    writeFileSync(file, 'PEM');
    const url = kafkaUrl(`a:1/?ca=${encodeURIComponent(file)}`);
    expect(parseKafkaUrl(url).tls).toEqual({ ca: 'PEM' });
    rmSync(directory, { recursive: true });
  });
});
