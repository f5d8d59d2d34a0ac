import { createEvent, type CloudEvent, type DataOf, type EventDefinition, type NewEventOptions } from '@ebb/events';

/**
 * An event as a producer would send it: the definition's example with some fields replaced, and an id of its own.
 * @throws SchemaViolationError when the overrides make the data invalid
 */
export function exampleOf<D extends EventDefinition>(
  definition: D,
  overrides: Partial<DataOf<D>> = {},
  options: Partial<NewEventOptions> = {},
): CloudEvent<DataOf<D>> {
  const data = { ...(definition.example as object), ...overrides } as DataOf<D>;
  return createEvent(definition, data, { source: '/test', ...options });
}
