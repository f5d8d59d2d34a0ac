import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import type { Metafile } from '../compile.ts';

/** An installed package, or a library of the workspace, of which something is in a bundle. */
interface Part {
  readonly name: string;
  readonly version: string;
  readonly license: string | undefined;
  /** Relative to the workspace, as the lockfile names it. */
  readonly path: string;
}

interface Lockfile {
  readonly packages?: Readonly<Record<string, { readonly integrity?: string } | undefined>>;
}

export interface SbomOptions {
  readonly root: string;
  readonly metafile: Metafile;
  /** What the bill is of. */
  readonly name: string;
  readonly version: string;
  /** Of the Node that is in the image beside the bundle. */
  readonly nodeVersion: string;
}

/**
 * What a bundle really holds, as CycloneDX: the compiler knows of which packages something is left, and the lockfile what was
 * installed. The same bundle gives the same text.
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function sbomOf({ root, metafile, name, version, nodeVersion }: SbomOptions): string {
  const lockfile = readLockfile(root);
  const components = partsOf(root, metafile).map((part) => componentOf(part, lockfile));
  const node = { type: 'platform', name: 'node', version: nodeVersion, 'bom-ref': `pkg:generic/node@${nodeVersion}` };
  const content = {
    metadata: { component: { type: 'application', name, version, 'bom-ref': `${name}@${version}` } },
    components: [...components, { ...node, purl: node['bom-ref'], licenses: [{ license: { id: 'MIT' } }] }],
    dependencies: [{ ref: `${name}@${version}`, dependsOn: [...components.map((c) => c['bom-ref']), node['bom-ref']] }],
  };
  const head = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: serialOf(JSON.stringify(content)),
    version: 1,
  };
  return `${JSON.stringify({ ...head, ...content }, undefined, 2)}\n`;
}

function partsOf(root: string, { outputs }: Metafile): readonly Part[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const manifests = new Set(
    inputs.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? manifestFor(root, resolve(root, path)) : [])),
  );
  return [...manifests].map((manifest) => partOf(root, manifest)).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The nearest package.json that names what it describes: some packages have further ones that say only what kind their modules are. */
function manifestFor(root: string, file: string): string[] {
  for (let folder = dirname(file); folder !== root && folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && readManifest(manifest).name !== undefined) return [manifest];
  }
  return [];
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
}

const readManifest = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8')) as Manifest;

function partOf(root: string, manifest: string): Part {
  const { name = '', version = '0.0.0', license } = readManifest(manifest);
  const path = relative(root, dirname(manifest));
  // The packages may be installed elsewhere and linked.
  return { name, version, license, path: /(?<=^|\/)node_modules\/.*$/.exec(path)?.[0] ?? path };
}

function componentOf({ name, version, license, path }: Part, lockfile: Lockfile) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const hash = hashOf(lockfile.packages?.[path]?.integrity);
  return {
    type: 'library',
    name,
    version,
    // The same version may be installed in two places.
    'bom-ref': `${purl}#${path}`,
    purl,
    ...(license !== undefined && { licenses: [licenseOf(license)] }),
    ...(hash && { hashes: [hash] }),
  };
}

/** One SPDX id, several that are joined, or whatever else a package says. */
function licenseOf(license: string) {
  if (/^[\w.+-]+$/.test(license)) return { license: { id: license } };
  return /^[\w.+() -]+$/.test(license) && / (AND|OR|WITH) /.test(license)
    ? { expression: license }
    : { license: { name: license } };
}

/** `sha512-<base64>`, as npm writes it. */
function hashOf(integrity: string | undefined): { alg: 'SHA-512'; content: string } | undefined {
  const [, base64] = /^sha512-(\S+)/.exec(integrity ?? '') ?? [];
  return base64 === undefined ? undefined : { alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') };
}

function readLockfile(root: string): Lockfile {
  const path = join(root, 'package-lock.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Lockfile) : {};
}

/** A UUID (version 8) that follows from the content, where the usual random one would make each build another one. */
function serialOf(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  const [a, b, c, d, e] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(13, 16), hex.slice(17, 20), hex.slice(20, 32)];
  return `urn:uuid:${a}-${b}-8${c}-8${d}-${e}`;
}
