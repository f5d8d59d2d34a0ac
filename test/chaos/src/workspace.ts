import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyWorkspace, type WorkspaceCopy } from '@ebb/testing/local';
import { migrationOf, type Products } from './products.ts';

export interface ChaosWorkspaceOptions {
  readonly products: Products;
  /** Libraries to copy, so that a test may break them. */
  readonly libs?: readonly string[];
  /** Settings of services, by service and name. */
  readonly env?: Settings;
}

type Settings = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A run ends when the last order does: those whose payment never comes must not take a quarter of an hour for it. */
const PATIENCE: Settings = {
  orders: { PAYMENT_WINDOW: '20s' },
  payments: { PAYMENT_PROVIDER_TIMEOUT: '2s' },
  'payment-provider': { DECIDE_AFTER: '300ms' },
};

/** The second relay's name: one works while the other is down, and the two contend for the lanes. */
const SECOND_RELAY = 'relay-two';

/** The shop with the run's products, a witness that books every event, and two relays. */
export function chaosWorkspace({ products, libs = [], env = {} }: ChaosWorkspaceOptions): WorkspaceCopy {
  const workspace = copyWorkspace(import.meta.dirname, { name: 'ebb-chaos', libs });
  const { root, origin } = workspace;
  cpSync(join(origin, 'test/chaos/services/witness'), join(root, 'apps/witness'), { recursive: true });
  cpSync(join(root, 'apps/relay'), join(root, 'apps', SECOND_RELAY), { recursive: true });
  changeFile(join(root, 'apps', SECOND_RELAY, 'package.json'), '"@ebb/relay"', `"@ebb/${SECOND_RELAY}"`);
  changeFile(join(root, 'apps', SECOND_RELAY, 'src/service.ts'), `'relay'`, `'${SECOND_RELAY}'`);
  configure(root, env);
  writeFileSync(join(root, 'apps/inventory/migrations/9000_chaos_products.sql'), migrationOf(products));
  return workspace;
}

/** Adds settings to those that the workspace has. */
function configure(root: string, env: Settings): void {
  const file = join(root, 'ebb.config.json');
  const config = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { env?: Settings }) : {};
  const merged: Record<string, Readonly<Record<string, string>>> = { ...config.env };
  for (const [service, settings] of [...Object.entries(PATIENCE), ...Object.entries(env)]) {
    merged[service] = { ...merged[service], ...settings };
  }
  writeFileSync(file, JSON.stringify({ ...config, env: merged }));
}

/** @throws Error when the text is not there exactly once: the file was changed, and whoever changes it here must follow */
export function changeFile(file: string, before: string, after: string): void {
  const content = readFileSync(file, 'utf8');
  const places = content.split(before).length - 1;
  if (places !== 1) throw new Error(`${file} has ${places} places, not one, with: ${before}`);
  writeFileSync(
    file,
    content.replace(before, () => after),
  );
}
