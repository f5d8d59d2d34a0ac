import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EbbError, messageOf } from '@ebb/core';
import { parseManifests, type Resource } from '@ebb/knative';
import type { OnProgress } from '../progress.ts';
import { hasClusterSink, withoutClusterSink } from './overlay.ts';

const MANIFEST = /\.(ya?ml|json)$/;

/**
 * Reads Knative manifests from files and folders (not their subfolders, as `kubectl apply -f` does).
 * What the runtime does not know is told and passed over.
 * @throws EbbError EBB_MANIFEST naming file, document and field
 */
export function readManifests(paths: readonly string[], onProgress: OnProgress): readonly Resource[] {
  return paths.flatMap(filesOf).flatMap((file) => {
    const { resources, ignored } = parseManifests(readFileSync(file, 'utf8'), file);
    for (const { kind, name, reason } of ignored) {
      onProgress({ kind: 'warning', message: `${file}: ${kind} ${name ?? ''} is passed over: ${reason}` });
    }
    if (resources.some(hasClusterSink)) {
      const message = `${file}: its dead letter sinks are for a cluster: what nobody takes is kept here (ebb dead)`;
      onProgress({ kind: 'note', message });
    }
    return resources.map(withoutClusterSink);
  });
}

function filesOf(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path)
      .filter((name) => MANIFEST.test(name))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    throw new EbbError('EBB_USAGE', `cannot read the manifests at ${path}: ${messageOf(error)}`, { cause: error });
  }
}
