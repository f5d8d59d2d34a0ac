import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Engine } from './engine.fixture.ts';
import { textOf } from './workspace.ts';

const execute = promisify(execFile);

/** Stand for the images that the Dockerfile names, where no registry of images can be reached. */
export interface BaseImages {
  readonly node: string;
  readonly base: string;
}

/** The Node that the Dockerfile names. */
const [, NODE_VERSION = ''] = /^ARG NODE_IMAGE=\S+\/node:([\d.]+)/m.exec(textOf('docker/Dockerfile')) ?? [];

/**
 * Makes both images out of this machine's own files: one to build with (a shell, Node, npm), and one with nothing but the
 * libraries that Node needs, so that whatever asks for a shell fails here as it does on distroless.
 */
export async function makeBaseImages(engine: Engine): Promise<BaseImages> {
  const node = await fetchNode();
  const folder = mkdtempSync(join(tmpdir(), 'ebb-base-'));
  try {
    const base = join(folder, 'base');
    makeRoot(base);
    await copyLibraries(node, base);
    const baseImage = await importRoot(engine, base, 'ebb-test/base');
    for (const program of ['/bin/sh', '/bin/cat', '/usr/bin/env']) await copyProgram(program, base);
    copyExecutable(node, join(base, 'usr/local/bin/node'));
    addNpm(base);
    return { base: baseImage, node: await importRoot(engine, base, 'ebb-test/node') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeRoot(root: string): void {
  for (const folder of ['bin', 'etc', 'root', 'usr/bin', 'usr/local/bin', 'tmp'])
    mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532::/tmp:/sbin/nologin\n',
  );
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnonroot:x:65532:\n');
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
}

/** What the dynamic linker says that a program loads. */
async function copyLibraries(program: string, root: string): Promise<void> {
  const { stdout } = await execute('ldd', [program]);
  for (const [, library = ''] of stdout.matchAll(/(\/\S+)\s+\(0x/g)) copyExecutable(library, join(root, library));
}

async function copyProgram(program: string, root: string): Promise<void> {
  await copyLibraries(program, root);
  copyExecutable(program, join(root, program));
}

function copyExecutable(from: string, to: string): void {
  if (existsSync(to)) return;
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(realpathSync(from), to);
  chmodSync(to, 0o755);
}

function addNpm(root: string): void {
  const npm = join(dirname(dirname(realpathSync(process.execPath))), 'lib/node_modules/npm');
  cpSync(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
}

async function importRoot(engine: Engine, root: string, name: string): Promise<string> {
  const archive = `${root}.tar`;
  await execute('tar', ['--owner=0', '--group=0', '--numeric-owner', '-C', root, '-cf', archive, '.']);
  const change = 'ENV PATH=/usr/local/bin:/usr/bin:/bin';
  await engine.docker(['import', '--change', change, archive, `${name}:${NODE_VERSION}`]);
  rmSync(archive);
  return `${name}:${NODE_VERSION}`;
}

/** Node's binary as npm's registry has it, kept for the next time. */
async function fetchNode(): Promise<string> {
  const cached = join(homedir(), '.cache/ebb', `node-${NODE_VERSION}`, 'node');
  if (existsSync(cached)) return cached;
  const folder = mkdtempSync(join(tmpdir(), 'ebb-node-'));
  try {
    const architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
    await execute('npm', ['pack', '--silent', `node-linux-${architecture}@${NODE_VERSION}`], { cwd: folder });
    await execute('tar', ['-xzf', `node-linux-${architecture}-${NODE_VERSION}.tgz`], { cwd: folder });
    mkdirSync(dirname(cached), { recursive: true });
    copyFileSync(join(folder, 'package/bin/node'), `${cached}.${process.pid}`);
    chmodSync(`${cached}.${process.pid}`, 0o755);
    renameSync(`${cached}.${process.pid}`, cached);
    return cached;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
