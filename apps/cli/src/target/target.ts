import { EbbError } from '@ebb/core';
import type { Target } from '@ebb/local/client';
import type { Command } from 'commander';
import { laptop } from './laptop.ts';

/** Which Ebb a command is about. */
export interface TargetOptions {
  readonly context?: string;
  readonly namespace?: string;
}

const DEFAULT_NAMESPACE = 'ebb';
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Lets a command be about a cluster instead of this machine. */
export function withTarget(command: Command): Command {
  return command
    .option('--context <name>', 'look at the cluster of this kubeconfig context, not at this machine')
    .option('--namespace <name>', `with --context: where Ebb is installed (default: ${DEFAULT_NAMESPACE})`);
}

/** Lets a command be about a cluster, and nothing else. Which one is always said: what it does is done to everybody there. */
export function withCluster(command: Command): Command {
  return command
    .requiredOption('--context <name>', 'the cluster of this kubeconfig context')
    .option('--namespace <name>', `where Ebb is installed (default: ${DEFAULT_NAMESPACE})`);
}

/**
 * The runtime on this machine, or with --context the installation in a cluster.
 * @throws EbbError EBB_USAGE, EBB_CONFIG (kubeconfig)
 */
export async function targetOf({ context, namespace }: TargetOptions): Promise<Target> {
  if (context !== undefined)
    return (await clusterFor({ context, ...(namespace !== undefined && { namespace }) })).target;
  if (namespace !== undefined) throw new EbbError('EBB_USAGE', '--namespace goes with --context');
  return laptop();
}

/** @throws EbbError EBB_USAGE, EBB_CONFIG (kubeconfig) */
export async function clusterFor({ context, namespace = DEFAULT_NAMESPACE }: TargetOptions) {
  if (!NAMESPACE.test(namespace)) throw new EbbError('EBB_USAGE', `"${namespace}" is no Kubernetes namespace name`);
  // The Kubernetes client is slow to load: commands on this machine do without it.
  const { openCluster } = await import('@ebb/cluster');
  return openCluster({ context, namespace, environment: process.env });
}
