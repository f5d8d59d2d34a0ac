import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Workspace } from '../workspace.fixture.ts';
import { bundleForImage, finishForImage } from './image-files.ts';

const EPOCH_SECONDS = 1_700_000_000;
const repository = join(import.meta.dirname, '../../../..');
const workspace = new Workspace();
const made = mkdtempSync(join(tmpdir(), 'ebb-image-'));
const app = join(made, 'app');

beforeAll(async () => {
  workspace.addNotes();
  cpSync(join(repository, 'package-lock.json'), join(workspace.root, 'package-lock.json'));
  await bundleForImage({ root: workspace.root, app: 'apps/notes', outdir: made });
  await finishForImage(made, EPOCH_SECONDS);
});
afterAll(() => {
  workspace.remove();
  rmSync(made, { recursive: true });
});

describe('what an image holds', () => {
  it('is a service with nothing around it, not even packages', () => {
    expect(readdirSync(app).sort()).toEqual(['bundle.cache', 'bundle.cjs', 'migrations', 'sbom.json', 'service.cjs']);
    const run = (env: Record<string, string>, args: string[] = []): string =>
      execFileSync(process.execPath, [join(app, 'service.cjs'), ...args], { cwd: '/', env, encoding: 'utf8' });
    expect(JSON.parse(run({}, ['--describe']))).toMatchObject({ name: 'notes' });
    expect(run({ EBB_CHECK_CODE_CACHE: '1' })).toBe('accepted\n');
  });

  it('can be changed by nobody, and has the time that it was told', () => {
    for (const file of ['', ...readdirSync(app), 'migrations/1_notes.sql']) {
      const { mode, mtimeMs } = statSync(join(app, file));
      expect({ file, mtimeMs, writable: mode & 0o022 }).toEqual({ file, mtimeMs: EPOCH_SECONDS * 1_000, writable: 0 });
    }
  });

  it('is listed as it was installed, with Node', () => {
    interface Component {
      readonly name: string;
      readonly version: string;
      readonly purl: string;
      readonly hashes?: readonly { readonly content: string }[];
    }
    const bill = JSON.parse(readFileSync(join(app, 'sbom.json'), 'utf8')) as { components: Component[] };
    const named = (name: string) => bill.components.find((component) => component.name === name);
    const lockfile = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string; integrity: string }>;
    };
    const { version, integrity } = lockfile.packages['node_modules/express']!;
    expect(named('express')).toMatchObject({
      version,
      purl: `pkg:npm/express@${version}`,
      licenses: [{ license: { id: 'MIT' } }],
      hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex') }],
    });
    for (const name of ['pg', 'pino', 'zod', '@opentelemetry/api', '@ebb/function', 'notes']) {
      expect(named(name)).toBeDefined();
    }
    for (const name of ['esbuild', 'kafkajs', 'jest']) expect(named(name)).toBeUndefined();
    expect(named('node')?.version).toBe(process.versions.node);
    expect(bill).toMatchObject({
      bomFormat: 'CycloneDX',
      serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
      metadata: { component: { name: 'notes', version: expect.stringMatching(/^0\.4\.0\+/) } },
    });
  });

  it('is the same when it is made again, the code cache apart', async () => {
    const again = mkdtempSync(join(tmpdir(), 'ebb-image-'));
    try {
      await bundleForImage({ root: workspace.root, app: 'apps/notes', outdir: again });
      for (const file of ['bundle.cjs', 'service.cjs', 'sbom.json', 'migrations/1_notes.sql']) {
        expect(readFileSync(join(again, 'app', file)).equals(readFileSync(join(app, file)))).toBe(true);
      }
    } finally {
      rmSync(again, { recursive: true });
    }
  });
});
