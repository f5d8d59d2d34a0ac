import type { Metafile } from './compile.ts';

/** What a bundle holds: what every start loads, and what is loaded on demand. */
export interface BundleReport {
  readonly bytes: number;
  /** Bytes of the output that belong to modules which every start evaluates. */
  readonly eagerBytes: number;
  readonly eager: readonly string[];
  /** Modules behind a dynamic import, and what only they need. */
  readonly lazy: readonly string[];
}

/** Follows the imports from the entry; what is reached through a dynamic import only is lazy. */
export function bundleReport({ inputs, outputs }: Metafile): BundleReport {
  const output = Object.entries(outputs).find(([path]) => !path.endsWith('.map'))?.[1];
  const eager = new Set<string>();
  const visit = (path: string): void => {
    if (eager.has(path)) return;
    eager.add(path);
    for (const { kind, path: imported, external } of inputs[path]?.imports ?? []) {
      if (kind !== 'dynamic-import' && !external) visit(imported);
    }
  };
  if (output?.entryPoint !== undefined) visit(output.entryPoint);
  const used = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const eagerUsed = used.filter(([path]) => eager.has(path));
  return {
    bytes: output?.bytes ?? 0,
    eagerBytes: eagerUsed.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0),
    eager: eagerUsed.map(([path]) => path).sort(),
    lazy: used.flatMap(([path]) => (eager.has(path) ? [] : [path])).sort(),
  };
}
