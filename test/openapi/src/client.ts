import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';

const run = promisify(execFile);
const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** A program that uses a client which was generated from a document. */
export class Client {
  /** Among the projects, so that the program finds the packages that they find. */
  readonly #folder = mkdtempSync(join(import.meta.dirname, '../.client-'));

  async generate(document: object): Promise<void> {
    writeFileSync(join(this.#folder, 'api.d.ts'), astToString(await openapiTS(document as OpenAPI3)));
    const compilerOptions = { ...{ strict: true, noEmit: true, skipLibCheck: false, types: ['node'] }, ...MODULES };
    writeFileSync(join(this.#folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  }

  /** What the compiler says to a program; nothing when it is right. */
  async compile(program: string): Promise<string> {
    writeFileSync(join(this.#folder, 'program.ts'), program);
    try {
      const { stdout } = await run(process.execPath, [compiler, '-p', this.#folder]);
      return stdout;
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }

  /** Runs the program that was compiled last; returns what it prints. */
  async run(env: Readonly<Record<string, string>>): Promise<string> {
    const outfile = join(this.#folder, 'program.mjs');
    const entryPoints = [join(this.#folder, 'program.ts')];
    await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'silent' });
    const names = join(this.#folder, 'names.cjs');
    writeFileSync(names, NAMES);
    const { stdout } = await run(process.execPath, ['--require', names, outfile], { env: { ...process.env, ...env } });
    return stdout;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Browsers and curl know that names below localhost are this machine; not every system's resolver does. */
const NAMES = `
const dns = require('node:dns');
const { lookup } = dns;
dns.lookup = (host, ...rest) => lookup(host.endsWith('.localhost') ? '127.0.0.1' : host, ...rest);
`;

const MODULES = { module: 'preserve', moduleResolution: 'bundler', target: 'es2023', lib: ['es2023', 'dom'] } as const;
