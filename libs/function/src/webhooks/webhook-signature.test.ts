import { describe, expect, it } from '@jest/globals';
import { doubtAbout, signedHeaders, type WebhookHeaders } from './webhook-signature.ts';

const SECRET = 'whsec_plJ3nmyCDGBKInavdOK15jsl';
const OTHER = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const BODY = Buffer.from('{"event_type":"ping","data":{"success":true}}');
const NOW_MS = 1_731_705_121_000;
/** As others compute it, too. */
const SIGNATURE = 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=';
const headers: WebhookHeaders = { id: 'msg_loFOjxBNrRLzqYUf', timestamp: '1731705121', signature: SIGNATURE };

const doubt = (given: WebhookHeaders, { body = BODY, secrets = [SECRET], nowMs = NOW_MS } = {}) =>
  doubtAbout(given, body, { secrets, nowMs })?.kind;

describe('a webhook', () => {
  it('is signed as others sign theirs', () => {
    expect(signedHeaders(SECRET, 'msg_loFOjxBNrRLzqYUf', BODY, NOW_MS)).toEqual({
      'webhook-id': 'msg_loFOjxBNrRLzqYUf',
      'webhook-timestamp': '1731705121',
      'webhook-signature': SIGNATURE,
    });
  });

  it('that is signed with our secret is genuine, for a while', () => {
    expect(doubt(headers)).toBeUndefined();
    expect(doubt(headers, { secrets: [SECRET.slice('whsec_'.length)] })).toBeUndefined();
    expect(doubt(headers, { nowMs: NOW_MS + 300_000 })).toBeUndefined();
    expect(doubt(headers, { nowMs: NOW_MS - 300_000 })).toBeUndefined();
    expect(doubtAbout(headers, BODY, { secrets: [SECRET], nowMs: NOW_MS + 2_000, toleranceMs: 1_000 })).toBeDefined();
  });

  it('may have several signatures, and we several secrets, while one is being replaced', () => {
    const signature = `v1,${Buffer.alloc(32).toString('base64')} v2,other ${SIGNATURE}`;
    expect(doubt({ ...headers, signature })).toBeUndefined();
    expect(doubt(headers, { secrets: [OTHER, SECRET] })).toBeUndefined();
    expect(doubt(headers, { secrets: [SECRET, OTHER] })).toBeUndefined();
  });

  it.each<[string, WebhookHeaders, Parameters<typeof doubt>[1], string]>([
    ['is recorded and sent again later', headers, { nowMs: NOW_MS + 301_000 }, 'untimely'],
    ['comes from the future', headers, { nowMs: NOW_MS - 301_000 }, 'untimely'],
    ['was changed', headers, { body: Buffer.from(BODY.toString().replace('true', 'flip')) }, 'false'],
    ['got another id', { ...headers, id: 'msg_2' }, {}, 'false'],
    ['got another time', { ...headers, timestamp: '1731705122' }, {}, 'false'],
    ['got another way to write the time', { ...headers, timestamp: '01731705121' }, {}, 'false'],
    ['was signed by somebody else', headers, { secrets: [OTHER] }, 'false'],
    ['was signed by somebody else, a year ago', headers, { secrets: [OTHER], nowMs: NOW_MS + 3.2e10 }, 'false'],
    ['comes where there is no secret', headers, { secrets: [] }, 'false'],
    ['has half a signature', { ...headers, signature: SIGNATURE.slice(0, 20) }, {}, 'false'],
    ['has an empty signature', { ...headers, signature: 'v1,' }, {}, 'false'],
    ['has one of an unknown kind', { ...headers, signature: SIGNATURE.replace('v1', 'v0') }, {}, 'false'],
    ['has it after very many others', { ...headers, signature: `${'v1,AAAA '.repeat(50)}${SIGNATURE}` }, {}, 'false'],
    ['has no signature', { ...headers, signature: undefined }, {}, 'unsigned'],
    ['got no time', { ...headers, timestamp: 'now' }, {}, 'unsigned'],
    ['moves a dot from the body into the id', { ...headers, id: 'msg.1' }, {}, 'unsigned'],
    ['has an id with a line break', { ...headers, id: 'msg\n1' }, {}, 'unsigned'],
  ])('that %s is not', (_what, given, options, kind) => {
    expect(doubt(given, options)).toBe(kind);
  });
});
