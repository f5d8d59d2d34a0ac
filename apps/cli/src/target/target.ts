import { EbbError } from '@ebb/core';
import type { ServiceAddress } from '@ebb/cluster';
import type { Target } from '@ebb/local/client';
import type { Command } from 'commander';
import { laptop } from './laptop.ts';

/** Which Ebb a command is about. */
export interface TargetOptions {
  readonly context?: string;
  readonly namespace?: string;
  readonly jaeger?: string;
}

const DEFAULT_NAMESPACE = 'ebb';
const MAX_PORT = 65_535;
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

/** Lets a command find a Jaeger that is elsewhere than the scripts of k8s/ put it. */
export function withJaeger(command: Command): Command {
  return command.option(
    '--jaeger <address>',
    "with --context: Jaeger's query service (default: observability/jaeger-query:16686)",
  );
}

/**
 * The runtime on this machine, or with --context the installation in a cluster.
 * @throws EbbError EBB_USAGE, EBB_CONFIG (kubeconfig)
 */
export async function targetOf(options: TargetOptions): Promise<Target> {
  const { context, namespace, jaeger } = options;
  if (context !== undefined) return (await clusterFor(options)).target;
  if (jaeger !== undefined) throw new EbbError('EBB_USAGE', '--jaeger goes with --context');
  if (namespace !== undefined) throw new EbbError('EBB_USAGE', '--namespace goes with --context');
  return laptop();
}

/** @throws EbbError EBB_USAGE, EBB_CONFIG (kubeconfig) */
export async function clusterFor({ context, namespace = DEFAULT_NAMESPACE, jaeger }: TargetOptions) {
  if (!NAMESPACE.test(namespace)) throw new EbbError('EBB_USAGE', `"${namespace}" is no Kubernetes namespace name`);
  const address = jaeger === undefined ? undefined : addressOf(jaeger);
  // The Kubernetes client is slow to load: commands on this machine do without it.
  const { openCluster } = await import('@ebb/cluster');
  return openCluster({ context, namespace, environment: process.env, ...(address && { jaeger: address }) });
}

function addressOf(text: string): ServiceAddress {
  const [, namespace = '', service = '', port = '0'] = /^([-a-z0-9]+)\/([-a-z0-9]+):(\d{1,5})$/.exec(text) ?? [];
  if (service !== '' && Number(port) >= 1 && Number(port) <= MAX_PORT)
    return { namespace, service, port: Number(port) };
  throw new EbbError('EBB_USAGE', `--jaeger ${text}: must be like observability/jaeger-query:16686`);
}
