import { stringify } from 'yaml';
import type { Resource } from './resources/resources.ts';

/** Resources as a YAML stream for `kubectl apply -f -`. */
export function toYaml(resources: readonly Resource[]): string {
  return resources.map((resource) => `---\n${stringify(resource, { aliasDuplicateObjects: false })}`).join('');
}
