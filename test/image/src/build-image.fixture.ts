import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BaseImages } from './base-images.fixture.ts';
import type { Engine } from './engine.fixture.ts';
import { workspace } from './workspace.ts';

const BUILD_TIMEOUT_MS = 600_000;
const MAX_OUTPUT_BYTES = 64 * 1_048_576;
/** Where Debian and its kin keep what this machine trusts: a proxy's certificate may be in it. */
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** Builds images as `npm run images` does, and returns what that printed. */
export async function buildImages(engine: Engine, services: readonly string[], images: BaseImages): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ebb-secrets-'));
  const npmrc = join(folder, 'npmrc');
  writeFileSync(npmrc, existsSync(CERTIFICATES) ? 'cafile=/run/secrets/ca\n' : '');
  const env = {
    ...engine.environment,
    REGISTRY: 'ebb-test',
    TAG: '0.1.0',
    NODE_IMAGE: images.node,
    BASE_IMAGE: images.base,
    NPMRC: npmrc,
    ...(existsSync(CERTIFICATES) && { CA: CERTIFICATES }),
    BUILD_NETWORK: 'host',
  };
  try {
    const options = { env, timeout: BUILD_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(workspace, 'docker/images.mjs'), ...services],
      options,
    );
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
