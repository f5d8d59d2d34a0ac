import { parseJson, Secret, setting, type Setting } from '@ebb/core';

/** Secrets of senders of webhooks by name; several while one is being replaced. */
export type WebhookSecrets = ReadonlyMap<string, readonly Secret[]>;

const PREFIX = 'whsec_';
/** As Standard Webhooks wants them. */
const MIN_BYTES = 24;
const MAX_BYTES = 64;
const MAX_AT_ONCE = 5;
const SHAPE = 'must be JSON such as {"stripe": ["whsec_…"]}';

/** WEBHOOK_SECRETS: what proves who sends a webhook. */
export const webhookSecretsSetting: Setting<Secret | undefined> = setting.optional({
  ...setting.secret({
    description: 'secrets of senders of webhooks, by the names that routes give: {"stripe": ["whsec_…", "whsec_…"]}',
  }),
  parse: (value: string) => {
    parseWebhookSecrets(value);
    return new Secret(value);
  },
});

/** @throws Error whose message completes the sentence "WEBHOOK_SECRETS …", and has none of the value in it */
export function parseWebhookSecrets(text: string): WebhookSecrets {
  const document = documentOf(text);
  return new Map(
    Object.entries(document).map(([name, given]) => {
      const secrets: unknown[] = Array.isArray(given) ? given : [given];
      if (secrets.length === 0 || secrets.length > MAX_AT_ONCE) {
        throw new Error(`must have 1 to ${MAX_AT_ONCE} secrets for "${name}"`);
      }
      return [name, secrets.map((secret) => secretOf(name, secret))];
    }),
  );
}

function documentOf(text: string): object {
  let document: unknown;
  try {
    document = parseJson(text);
  } catch {
    // What a parser says quotes what it read.
    throw new Error(`${SHAPE}: it is no JSON`);
  }
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document;
  throw new Error(SHAPE);
}

function secretOf(name: string, value: unknown): Secret {
  if (typeof value === 'string' && value.startsWith(PREFIX)) {
    const encoded = value.slice(PREFIX.length);
    const { length } = Buffer.from(encoded, 'base64');
    if (/^[A-Za-z0-9+/]+=*$/.test(encoded) && length >= MIN_BYTES && length <= MAX_BYTES) return new Secret(value);
  }
  throw new Error(`must have for "${name}" ${PREFIX} and ${MIN_BYTES} to ${MAX_BYTES} bytes in base64`);
}
