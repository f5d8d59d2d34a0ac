import type { CloudEvent } from '@ebb/events';
import type { ServiceDefinition } from '@ebb/function';

/** The functions of a service that a broker would deliver an event to. */
export async function takers({ functions }: ServiceDefinition, event: CloudEvent): Promise<readonly string[]> {
  const { compileFilters } = await import('@ebb/knative');
  return functions
    .filter((fn) => {
      const taken = fn.mode === 'leased' ? [...fn.on, ...fn.waitsFor] : fn.on;
      return taken.some(({ type }) => type === event.type) && compileFilters({ filters: fn.filters })(event);
    })
    .map(({ name }) => name);
}
