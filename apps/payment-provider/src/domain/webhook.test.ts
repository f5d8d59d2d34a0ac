import { describe, expect, it } from '@jest/globals';
import { signedHeaders } from './webhook.ts';

describe('a signed webhook', () => {
  it('has the signature that others compute, too', () => {
    const secret = 'whsec_plJ3nmyCDGBKInavdOK15jsl';
    const body = Buffer.from('{"event_type":"ping","data":{"success":true}}');
    expect(signedHeaders(secret, 'msg_loFOjxBNrRLzqYUf', body, 1_731_705_121_000)).toEqual({
      'webhook-id': 'msg_loFOjxBNrRLzqYUf',
      'webhook-timestamp': '1731705121',
      'webhook-signature': 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=',
    });
  });
});
