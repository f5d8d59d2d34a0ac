import type { EventDefinition } from '@ebb/events';

interface Reading {
  readonly pointer: string;
  readonly value: unknown;
}

/**
 * Where in its data an event's key stands, as JSON Pointer, read off by watching the key function at work on the example: tools that know
 * the catalogue alone can then give an event its key. Undefined for a key that is put together from several places, or computed.
 */
export function keyPointerOf(definition: EventDefinition): string | undefined {
  const readings: Reading[] = [];
  const key = definition.key(watched(definition.example, '', readings));
  const [only, ...others] = readings;
  return only && others.length === 0 && only.value === key ? only.pointer : undefined;
}

/** The same value, which notes every leaf that is read from it. */
function watched(value: unknown, pointer: string, readings: Reading[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get: (target, name, receiver) => {
      const found: unknown = Reflect.get(target, name, receiver);
      if (typeof name === 'symbol' || typeof found === 'function') return found;
      const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (typeof found !== 'object' || found === null) readings.push({ pointer: at, value: found });
      return watched(found, at, readings);
    },
  });
}
