/** The header in which the gateway tells a service who calls. */
export const IDENTITY_HEADER = 'ebb-identity';
export const IDENTITY_ISSUER = 'ebb-gateway';
export const IDENTITY_ALGORITHM = 'EdDSA';
/** An identity is for one request: it lives as long as that may be on its way. */
export const IDENTITY_LIFETIME_S = 60;

/** The claims of an identity: a compact JWT that the gateway signs for one service. */
export interface IdentityClaims {
  readonly iss: typeof IDENTITY_ISSUER;
  /** The name of the one service that it is for. */
  readonly aud: string;
  readonly sub: string;
  readonly roles: readonly string[];
  /** Separated by blanks. */
  readonly scope: string;
  /** Who issued the token that the client showed. */
  readonly act_iss: string;
  readonly sid?: string;
  readonly iat: number;
  readonly exp: number;
}
