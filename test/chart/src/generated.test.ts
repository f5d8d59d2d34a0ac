import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildService, describeService, findApps } from '@ebb/build';
import type { CatalogueEntry } from '@ebb/catalogue';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chartFilesOf } from '@ebb/knative';
import { parse } from 'yaml';
import { CHART, ROOT } from './helm.ts';

describe("the chart's generated files", () => {
  const outdir = mkdtempSync(join(tmpdir(), 'ebb-chart-build-'));
  afterAll(() => rmSync(outdir, { recursive: true, force: true }));

  let entries: readonly CatalogueEntry[] = [];
  beforeAll(async () => {
    const apps = await findApps(ROOT);
    entries = await Promise.all(
      apps.map(async ({ name, directory }) =>
        describeService(
          (await buildService({ root: ROOT, app: directory, outdir: join(outdir, name), codeCache: false })).main,
        ),
      ),
    );
  });

  it('are what the definitions of the services come to (else: npx ebb render --chart helm/ebb)', () => {
    const files = chartFilesOf(entries);
    expect(Object.keys(files).sort()).toEqual(['files/catalogue.json', 'files/database-roles.txt', 'files/ebb.yaml']);
    for (const [path, text] of Object.entries(files)) expect(readFileSync(join(CHART, path), 'utf8')).toBe(text);
  });

  it('come with the images of the same version', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'))).toMatchObject({ version, appVersion: version });
  });
});
