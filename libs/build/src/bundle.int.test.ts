import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { compile } from './compile.ts';
import { planBuild } from './options.ts';
import { bundleReport, type BundleReport } from './report.ts';
import { Workspace } from './workspace.fixture.ts';

/** What every start of a function pays for: minified, in bytes. */
const MAX_EAGER_BYTES = 160_000;

const workspace = new Workspace();
let report: BundleReport;

beforeAll(async () => {
  workspace.addNotes();
  const plan = planBuild({ root: workspace.root, app: 'apps/notes', outdir: 'dist' });
  report = bundleReport((await compile(plan)).metafile);
});
afterAll(() => workspace.remove());

const packages = (paths: readonly string[]): Set<string> =>
  new Set(paths.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));

describe('the bundle of a function', () => {
  it('loads only what an event needs when it starts', () => {
    expect([...packages(report.eager)].sort()).toEqual(['@opentelemetry/api', 'zod']);
    expect(report.eager.filter((path) => /zod\/v4\/(classic|locales\/(?!index))/.test(path))).toEqual([]);
    expect(report.eagerBytes).toBeLessThan(MAX_EAGER_BYTES);
  });

  it('brings the rest for when it is asked for', () => {
    const lazy = packages(report.lazy);
    for (const name of ['express', 'pg', 'pino']) expect(lazy).toContain(name);
  });

  it('has nothing of the platform, nor of the build', () => {
    const all = packages([...report.eager, ...report.lazy]);
    for (const name of ['kafkajs', '@kubernetes/client-node', '@opentelemetry/sdk-node', 'esbuild', 'cloudevents']) {
      expect(all).not.toContain(name);
    }
    expect(
      [...report.eager, ...report.lazy].filter((path) => /libs\/(knative|local|build|testing|catalogue)\//.test(path)),
    ).toEqual([]);
  });
});
