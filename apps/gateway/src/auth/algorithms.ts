/** Signatures with a public key. With a shared secret (HS256) whoever verifies tokens could make them, and `none` is no signature. */
export const ASYMMETRIC_ALGORITHMS = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
] as const;

/** What services of the platform sign with. */
const DEFAULT_ALGORITHMS: readonly string[] = ['EdDSA', 'Ed25519', 'ES256'];

const ASYMMETRIC: ReadonlySet<string> = new Set(ASYMMETRIC_ALGORITHMS);

/** The algorithms that an issuer's tokens may have; what is not asymmetric never is. */
export function algorithmsOf(declared: readonly string[] = DEFAULT_ALGORITHMS): readonly string[] {
  return declared.filter((algorithm) => ASYMMETRIC.has(algorithm));
}
