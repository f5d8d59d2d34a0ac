import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build, type Metafile } from 'esbuild';

/** The modules that a process evaluates as soon as it starts: all but those behind a dynamic import. */
function loadedAtStart({ inputs }: Metafile, entry: string): Set<string> {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const link of inputs[path]?.imports ?? []) {
      if (link.kind !== 'dynamic-import') visit(link.path);
    }
  };
  visit(entry);
  return seen;
}

describe('a bundled process', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ebb-telemetry-'));
  const outfile = join(directory, 'main.cjs');
  let metafile: Metafile;

  beforeAll(async () => {
    const contents = `
      import { inSpan, startTelemetry } from './index.ts';
      const { tracer, logger, shutdown } = startTelemetry({ service: 'bundled', otlpEndpoint: 'http://127.0.0.1:1' });
      inSpan(tracer, 'step', {}, async () => logger.info('hello'))
        .then(() => process.argv.includes('--abrupt') ? process.exit(7) : shutdown());
    `;
    const built = await build({
      stdin: { contents, resolveDir: import.meta.dirname, sourcefile: 'entry.ts', loader: 'ts' },
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'cjs',
      mainFields: ['module', 'main'],
      outfile,
      metafile: true,
      logLevel: 'silent',
    });
    metafile = built.metafile;
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  it('loads neither the logger nor the exporter before their first use', () => {
    const entry = Object.keys(metafile.inputs).find((path) => path.endsWith('entry.ts'));
    const packages = [...loadedAtStart(metafile, entry!)].join('\n');
    expect(packages).toContain('node_modules/@opentelemetry/api/');
    expect(packages).not.toMatch(/node_modules\/(pino|sonic-boom|protobufjs|@opentelemetry\/(?!api\/))/);
    expect(packages).not.toContain('exporter/otlp.ts');
  });

  it('holds one version of @opentelemetry/api, and nothing of the SDK', () => {
    const parts = Object.keys(metafile.inputs).flatMap((path) => /.*@opentelemetry\/[\w-]+\//.exec(path) ?? []);
    expect([...new Set(parts)]).toEqual([expect.stringMatching(/@opentelemetry\/api\/$/)]);
  });

  it('logs and ends by itself although the receiver is away', () => {
    const output = execFileSync(process.execPath, [outfile], { encoding: 'utf8', timeout: 20_000 });
    expect(output).toContain('"msg":"hello"');
  });

  it('writes its lines even when it exits before the logger is loaded', () => {
    let output = '';
    try {
      execFileSync(process.execPath, [outfile, '--abrupt'], { encoding: 'utf8', timeout: 20_000 });
    } catch (error) {
      output = (error as { stdout: string }).stdout;
    }
    expect(JSON.parse(output)).toMatchObject({ level: 'info', service: 'bundled', msg: 'hello' });
  });
});
