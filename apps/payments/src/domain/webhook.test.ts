import { describe, expect, it } from '@jest/globals';
import { whyNotGenuine } from './webhook.ts';

const SECRET = 'whsec_plJ3nmyCDGBKInavdOK15jsl';
const BODY = Buffer.from('{"event_type":"ping","data":{"success":true}}');
const NOW_MS = 1_731_705_121_000;
const SIGNATURE = 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=';
const headers = { id: 'msg_loFOjxBNrRLzqYUf', timestamp: '1731705121', signature: SIGNATURE };

describe('a webhook', () => {
  it('that is signed with our secret is genuine, for a while', () => {
    expect(whyNotGenuine(headers, BODY, SECRET, NOW_MS)).toBeUndefined();
    expect(whyNotGenuine(headers, BODY, SECRET, NOW_MS + 299_000)).toBeUndefined();
    expect(whyNotGenuine(headers, BODY, SECRET, NOW_MS - 299_000)).toBeUndefined();
  });

  it('may have several signatures, while the secret is being replaced', () => {
    const signature = `v1,${Buffer.alloc(32).toString('base64')} v2,other ${SIGNATURE}`;
    expect(whyNotGenuine({ ...headers, signature }, BODY, SECRET, NOW_MS)).toBeUndefined();
  });

  it.each([
    ['is recorded and sent again later', headers, BODY, SECRET, NOW_MS + 301_000],
    ['comes from the future', headers, BODY, SECRET, NOW_MS - 301_000],
    ['was changed', headers, Buffer.from(BODY.toString().replace('true', 'flip')), SECRET, NOW_MS],
    ['got another id', { ...headers, id: 'msg_2' }, BODY, SECRET, NOW_MS],
    ['got another time', { ...headers, timestamp: '1731705122' }, BODY, SECRET, NOW_MS],
    ['got no time', { ...headers, timestamp: 'now' }, BODY, SECRET, NOW_MS],
    ['was signed by somebody else', headers, BODY, `whsec_${Buffer.alloc(24).toString('base64')}`, NOW_MS],
    ['has half a signature', { ...headers, signature: SIGNATURE.slice(0, 20) }, BODY, SECRET, NOW_MS],
    ['has none', { ...headers, signature: undefined }, BODY, SECRET, NOW_MS],
    ['has one of an unknown kind', { ...headers, signature: SIGNATURE.replace('v1', 'v0') }, BODY, SECRET, NOW_MS],
  ])('that %s is not', (_what, given, body, secret, nowMs) => {
    expect(whyNotGenuine(given, body, secret, nowMs)).toBeDefined();
  });
});
