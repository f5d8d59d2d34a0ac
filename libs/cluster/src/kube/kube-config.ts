import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { messageOf } from '@ebb/core';
import { KubeConfig } from '@kubernetes/client-node';
import { KubeConfigError } from '../errors.ts';

export interface KubeConfigOptions {
  /** Without it the one that is current. */
  readonly context: string | undefined;
  /** KUBECONFIG and HOME are looked at. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * How to reach the cluster of a context: as `kubectl` finds it, in the files of KUBECONFIG (the first that has a name wins) or in ~/.kube/config.
 * @throws KubeConfigError
 */
export function loadKubeConfig({ context, environment }: KubeConfigOptions): KubeConfig {
  const files = filesIn(environment);
  const shown = files.join(', ');
  const config = merge(files);
  const wanted = context ?? (config.getCurrentContext() || undefined);
  const known = config.getContexts().map(({ name }) => name);
  const choices = `there are: ${known.join(', ') || 'none'}`;
  if (wanted === undefined) throw new KubeConfigError(`no context is current in ${shown}: give --context (${choices})`);
  const chosen = config.getContexts().find(({ name }) => name === wanted);
  if (!chosen) throw new KubeConfigError(`there is no context "${wanted}" in ${shown} (${choices})`);
  if (!config.getCluster(chosen.cluster))
    throw new KubeConfigError(`the context "${wanted}" is of the cluster "${chosen.cluster}", which ${shown} has not`);
  if (!config.getUser(chosen.user))
    throw new KubeConfigError(`the context "${wanted}" is of the user "${chosen.user}", whom ${shown} has not`);
  config.setCurrentContext(wanted);
  return config;
}

function filesIn({ KUBECONFIG, HOME }: KubeConfigOptions['environment']): readonly string[] {
  if (KUBECONFIG !== undefined && KUBECONFIG !== '') {
    const named = KUBECONFIG.split(delimiter).filter((file) => file !== '');
    const files = named.filter((file) => existsSync(file));
    if (files.length > 0) return files;
    throw new KubeConfigError(`no kubeconfig: KUBECONFIG names ${named.join(', ')}, which does not exist`);
  }
  const file = join(HOME ?? homedir(), '.kube', 'config');
  if (existsSync(file)) return [file];
  throw new KubeConfigError(`no kubeconfig: there is no ${file}, and KUBECONFIG is not set`);
}

function merge(files: readonly string[]): KubeConfig {
  const merged = new KubeConfig();
  merged.loadFromOptions({ clusters: [], contexts: [], users: [], currentContext: '' });
  for (const file of files) {
    const config = read(file);
    if (merged.getCurrentContext() === '') merged.setCurrentContext(config.getCurrentContext() || '');
    addNew(merged.clusters, config.getClusters());
    addNew(merged.contexts, config.getContexts());
    addNew(merged.users, config.getUsers());
  }
  return merged;
}

function read(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    if (readFileSync(file, 'utf8').trim() === '') throw new Error('it is empty');
    config.loadFromFile(file);
    return config;
  } catch (error) {
    const [reason] = messageOf(error).split('\n');
    throw new KubeConfigError(`${file} is no kubeconfig: ${reason}`, { cause: error });
  }
}

function addNew<T extends { readonly name: string }>(all: T[], more: readonly T[]): void {
  all.push(...more.filter(({ name }) => !all.some((known) => known.name === name)));
}
