import { afterEach, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@ebb/core';
import { ask, gatewayWith, stopAll, upstreamWith } from '../gateway.fixture.ts';
import { authenticatePolicy } from './authenticate.ts';
import { authorizePolicy } from './authorize.ts';
import { TestIssuer } from './issuer.fixture.ts';
import { Verifier } from './verifier.ts';

const ROTATIONS = 3;
const CLIENTS = 6;
const REQUESTS = 5;

let issuer: TestIssuer | undefined;

afterEach(async () => {
  await stopAll();
  await issuer?.stop();
});

async function gatewayOf(trusted: TestIssuer) {
  const verifier = new Verifier({
    clockSkewMs: 30_000,
    maxTokenBytes: 8_192,
    maxRemembered: 1_000,
    keysMaxAgeMs: 600_000,
    keysMaxStaleMs: 3_600_000,
    clock: systemClock,
    logger: silentLogger,
  });
  verifier.trust([trusted.declaration]);
  const upstream = await upstreamWith((request, response) => response.end(request.headers.authorization ?? 'no token'));
  const route = { path: '/things', to: upstream.url, access: 'signed-in' };
  const policies = { authenticate: authenticatePolicy(verifier), authorize: authorizePolicy };
  return gatewayWith([route], { policies });
}

it('keys are replaced under load, and no request fails; the token stays at the gateway', async () => {
  const rotating = (issuer = await TestIssuer.start());
  const gateway = await gatewayOf(rotating);
  const answers: string[] = [];
  const client = async (name: number): Promise<void> => {
    for (let request = 0; request < REQUESTS; request += 1) {
      const authorization = `Bearer ${await rotating.token({ sub: `user-${name}-${request}` })}`;
      const { status, text } = await ask(gateway.port, '/things', { headers: { authorization } });
      answers.push(`${status} ${text}`);
    }
  };
  for (let rotation = 0; rotation < ROTATIONS; rotation += 1) {
    await Promise.all([...Array.from({ length: CLIENTS }, (_none, name) => client(name)), rotating.rotate()]);
  }
  expect(answers).toHaveLength(ROTATIONS * CLIENTS * REQUESTS);
  expect(new Set(answers)).toEqual(new Set(['200 no token']));
  expect(rotating.reads).toBeLessThanOrEqual(2 * ROTATIONS + 1);
});

it('without a token that is right nobody gets through', async () => {
  issuer = await TestIssuer.start();
  const gateway = await gatewayOf(issuer);
  const none = await ask(gateway.port, '/things');
  expect(none).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
  const forged = await ask(gateway.port, '/things', {
    headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.AA' },
  });
  expect(forged.headers['www-authenticate']).toMatch(
    /^Bearer error="invalid_token", error_description="the token [a-zA-Z ]+"$/,
  );
  expect(JSON.parse(forged.text)).toMatchObject({ status: 401, title: 'Unauthorized' });
});
