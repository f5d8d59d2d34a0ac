import { Secret, setting, type Setting } from '@ebb/core';

/** A mail server, and how we are to talk to it. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** `implicit`: TLS from the first byte; `starttls`: nothing is said before TLS is on; `none`: in the clear. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly auth: { readonly user: string; readonly pass: string } | undefined;
}

const FORM = 'must be like smtps://user:password@host or smtp://user:password@host:587 (?tls=none for one without TLS)';
const PORTS = { implicit: 465, starttls: 587, none: 25 } as const;

/**
 * Reads the address of a mail server. What it throws never holds the address: that has a password in it.
 * @throws Error whose message completes the sentence "NAME …"
 */
export function smtpServerOf(text: string): SmtpServer {
  const url = URL.parse(text);
  const tls = url && tlsOf(url);
  if (!url || !tls || url.hostname === '' || !['', '/'].includes(url.pathname)) throw new Error(FORM);
  const user = decoded(url.username);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? PORTS[tls] : Number(url.port),
    tls,
    auth: user === '' ? undefined : { user, pass: decoded(url.password) },
  };
}

function tlsOf({ protocol, searchParams }: URL): SmtpServer['tls'] | undefined {
  const names = [...searchParams.keys()];
  const wanted = searchParams.get('tls');
  if (names.some((name) => name !== 'tls') || names.length > 1) return undefined;
  if (protocol === 'smtps:') return wanted === null ? 'implicit' : undefined;
  if (protocol !== 'smtp:') return undefined;
  if (wanted === null) return 'starttls';
  return wanted === 'none' ? 'none' : undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error(FORM);
  }
}

/** A secret setting that is the address of a mail server. */
export const smtpSetting = (options: { readonly description: string }): Setting<Secret> => ({
  ...setting.secret(options),
  parse: (text) => {
    smtpServerOf(text);
    return new Secret(text);
  },
});
