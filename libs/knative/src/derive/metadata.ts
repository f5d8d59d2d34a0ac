import type { Metadata } from '../resources/resources.ts';
import type { DeriveContext } from './resources-of.ts';

/** The labels that Kubernetes recommends; by them one finds all that belongs to an app. */
export function metadataOf(
  name: string,
  app: string,
  { namespace }: Pick<DeriveContext, 'namespace'>,
  annotations?: Readonly<Record<string, string>>,
): Metadata {
  return {
    name,
    namespace,
    labels: { 'app.kubernetes.io/name': app, 'app.kubernetes.io/part-of': 'ebb' },
    ...(annotations && { annotations }),
  };
}
