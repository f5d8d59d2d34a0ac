import { emailAddressOf, type EmailAddress } from '../domain/email-address.ts';
import { isGuessable } from '../domain/password.ts';
import { unprocessable } from './answers.ts';

/** The address in a body whose schema is Email. */
export function addressIn({ email }: { readonly email: string }): EmailAddress {
  const address = emailAddressOf(email);
  if (!address) throw unprocessable({ path: '/email', message: 'must be an e-mail address' });
  return address;
}

/** @throws HttpProblem 422 when a new password says nothing that its owner's address does not */
export function assertNotOwnWord(password: string, email: string | undefined): void {
  const own = email === undefined ? [] : [email, email.split('@')[0] ?? ''];
  if (isGuessable(password, own)) throw unprocessable({ path: '/password', message: 'must not be your address' });
}
