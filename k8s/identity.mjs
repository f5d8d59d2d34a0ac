// Prints the Secret with the key pair that a gateway vouches for callers with: node k8s/identity.mjs ebb | kubectl create -f -
// To give the keys a successor, hand over the JWK Set of before: --keep public.jwks. What was signed with them is believed until they are left out.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const USAGE = 'usage: node k8s/identity.mjs NAMESPACE [--name ebb-identity] [--keep FILE]';

/** A key of Ed25519 as JWK (RFC 8037), called by its thumbprint (RFC 7638). */
function newKey() {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
  const known = { kty: 'OKP', crv: 'Ed25519', kid, alg: 'EdDSA', use: 'sig', x };
  return { known, secret: { ...known, d } };
}

function keysOf(file) {
  const { keys } = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(keys)) throw new Error(`${file} is no JWK Set`);
  return keys;
}

try {
  const options = { name: { type: 'string', default: 'ebb-identity' }, keep: { type: 'string' } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (positionals.length !== 1) throw new Error('which namespace?');
  const { known, secret } = newKey();
  const keys = [known, ...(values.keep === undefined ? [] : keysOf(values.keep))];
  // JSON has no single quotes, and neither has base64.
  console.log(`apiVersion: v1
kind: Secret
metadata:
  name: ${values.name}
  namespace: ${positionals[0]}
type: Opaque
stringData:
  private.jwk: '${JSON.stringify(secret)}'
  public.jwks: '${JSON.stringify({ keys })}'`);
} catch (error) {
  console.error(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}
