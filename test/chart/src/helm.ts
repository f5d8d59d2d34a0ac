import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './manifest.ts';

export const ROOT = rootOf(import.meta.dirname);
export const CHART = join(ROOT, 'helm/ebb');

/** Fetched by tools/fetch-helm.mjs. */
const fetched = (version: string): string =>
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), `ebb/helm-${version}/helm`);
const works = (binary: string): boolean => spawnSync(binary, ['version']).status === 0;

/** Helm 4; else the one that is installed. */
const HELM = existsSync(fetched('4.1.4')) ? fetched('4.1.4') : 'helm';
export const HELM_3 = fetched('3.17.3');

const isRequired = process.env.EBB_HELM_REQUIRED === '1';

/** Skipped where there is no Helm, unless there must be one. */
export const describeChart = isRequired || works(HELM) ? describe : describe.skip;
export const describeHelm3 = isRequired || works(HELM_3) ? describe : describe.skip;

const DEADLINE_MS = 90_000;

export interface HelmOptions {
  readonly chart?: string;
  readonly release?: string;
  readonly namespace?: string;
  /** Files with values, in test/chart/values or whole paths. */
  readonly values?: readonly string[];
  /** As for `--set`. */
  readonly set?: readonly string[];
  /** What the cluster serves; without it, prerequisites are not checked. */
  readonly apis?: readonly string[];
  /** These templates, instead of all. */
  readonly only?: readonly string[];
  /** The program. */
  readonly helm?: string;
}

/** What `helm template` writes. @throws Error with what Helm says when it fails */
export function render(options: HelmOptions = {}): readonly Manifest[] {
  return documentsOf(template(options));
}

/** The same as text. */
export function template({
  chart = CHART,
  release = 'ebb',
  namespace = 'ebb',
  values = [],
  set = [],
  apis,
  only = [],
  helm: binary = HELM,
}: HelmOptions = {}): string {
  const args = [
    ...['template', release, chart, '--namespace', namespace],
    ...values.flatMap((file) => [
      '--values',
      file.includes('/') ? file : join(ROOT, 'test/chart/values', `${file}.yaml`),
    ]),
    ...[...set, ...(apis ? [] : ['prerequisites.check=false'])].flatMap((value) => ['--set', value]),
    ...only.flatMap((name) => ['--show-only', `templates/${name}.yaml`]),
    ...(apis ?? []).flatMap((api) => ['--api-versions', api]),
    ...(apis ? ['--kube-version', '1.36.0'] : []),
  ];
  return run(binary, args);
}

/** @throws Error with what Helm says when it fails */
export const helm = (...args: readonly string[]): string => run(HELM, args);

function run(binary: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(binary, args, {
    encoding: 'utf8',
    timeout: DEADLINE_MS,
    maxBuffer: 64 * 1024 * 1024,
    // No configuration of this machine, and no cluster that it knows.
    env: { PATH: process.env.PATH, HOME: '/nonexistent', KUBECONFIG: '/nonexistent/config', HELM_CACHE_HOME: '/tmp' },
  });
  if (status !== 0) throw new Error(error?.message ?? stderr);
  return `${stdout}${args[0] === 'lint' ? stderr : ''}`;
}

function documentsOf(text: string): readonly Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw new Error(document.errors.map(({ message }) => message).join('\n'));
    const value = document.toJS() as Manifest | null;
    return value === null ? [] : [value];
  });
}

function rootOf(folder: string): string {
  return existsSync(join(folder, 'nx.json')) ? folder : rootOf(dirname(folder));
}
