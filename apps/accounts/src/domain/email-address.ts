import { domainToASCII } from 'node:url';
import * as z from 'zod/mini';

/** An e-mail address in the two forms that it is kept in. */
export interface EmailAddress {
  /** Where mail goes: the local part as its owner wrote it, the domain in ASCII and lower case. */
  readonly email: string;
  /** What tells accounts apart: all of it in lower case. */
  readonly key: string;
}

/** RFC 5321, 4.5.3.1: octets before the @, and of a path without its angle brackets. */
const MAX_LOCAL_LENGTH = 64;
const MAX_LENGTH = 254;
/** In Unicode a domain is shorter than in ASCII; around it there may be blanks. */
const MAX_WRITTEN_LENGTH = 320;
/** RFC 5322, dot-atom: neither quotes nor comments, which nobody has and everything stumbles over. */
const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?=[a-z0-9-]*[a-z])[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const MESSAGE = 'must be an e-mail address such as ada@example.com, with ASCII letters before the @';

/**
 * An address as we keep it; undefined for what is none. Case makes no difference, as nearly all mail servers have it; dots and `+tags`
 * do, because what they mean is each server's own affair. The domain may be an internationalized one. The local part is ASCII: letters that
 * look alike, or become the same in another case, would let one person have an account under what looks like the address of another.
 */
export function emailAddressOf(text: string): EmailAddress | undefined {
  const trimmed = text.trim();
  const at = trimmed.lastIndexOf('@');
  const [local, domain] = [trimmed.slice(0, Math.max(at, 0)), domainToASCII(trimmed.slice(at + 1).normalize('NFC'))];
  const email = `${local}@${domain}`;
  const isOne =
    local.length <= MAX_LOCAL_LENGTH && email.length <= MAX_LENGTH && LOCAL_PART.test(local) && DOMAIN.test(domain);
  return isOne ? { email, key: email.toLowerCase() } : undefined;
}

/** An address in a body, as somebody writes it. */
export const Email = z.string().check(
  z.maxLength(MAX_WRITTEN_LENGTH, { abort: true }),
  z.regex(/^[^@]+@[^@]+$/, { message: MESSAGE, abort: true }),
  z.refine((text) => emailAddressOf(text) !== undefined, { message: MESSAGE }),
);
