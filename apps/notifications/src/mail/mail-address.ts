import { setting, type Setting } from '@ebb/core';

/** A sender as mail programs show it. */
export interface MailAddress {
  readonly name: string;
  readonly address: string;
}

const ADDRESS = /^[^\s<>"(),:;@[\\\]]{1,64}@[^\s<>"(),:;@[\\\]]{1,255}$/;
const NAMED = /^"?([^"<>]*?)"?\s*<([^<>]+)>$/;

/**
 * Reads `Ebb <no-reply@example.com>` or the address alone.
 * @throws Error whose message completes the sentence "NAME …"
 */
export function mailAddressOf(text: string): MailAddress {
  const [, name = '', address = text] = NAMED.exec(text.trim()) ?? [];
  if (!ADDRESS.test(address.trim()) || hasControls(text)) {
    throw new Error('must be an address such as no-reply@example.com, or Name <no-reply@example.com>');
  }
  return { name: name.trim(), address: address.trim() };
}

/** A setting that is the sender of mails. */
export function mailAddressSetting(options: {
  readonly description: string;
  readonly default: MailAddress;
}): Setting<MailAddress> {
  const text = setting.text({ description: options.description });
  return { ...text, fallback: options.default, parse: mailAddressOf };
}

function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
