import type { Violation } from '@ebb/core';
import type { CatalogueEntry } from './catalogue-entry.ts';

/** What is wrong between the parts of an entry whose parts are right by themselves. */
export function inconsistenciesOf(entry: CatalogueEntry): readonly Violation[] {
  return [
    ...duplicatesOf('functions', 'name', entry.functions),
    ...duplicateRoutes(entry),
    ...duplicatesOf('schedules', 'name', entry.schedules),
    ...duplicatesOf('events', 'type', entry.events),
    ...duplicatesOf('settings', 'name', entry.settings),
    ...misplacedFunctions(entry),
    ...unknownTypes(entry),
    ...impossibleScale(entry),
    ...needsOfAService(entry),
  ];
}

const OF_WORKERS = ['listens', 'catalogue', 'eventLog', 'signsIdentity', 'services'] as const;

/** A service is reached by its routes, and calls others by settings that name them. */
function needsOfAService(entry: CatalogueEntry): Violation[] {
  const given = entry.kind === 'service' ? OF_WORKERS.filter((need) => Boolean(entry[need])) : [];
  return given.map((need) => ({ path: `/${need}`, message: 'is for workers only' }));
}

function duplicatesOf<Key extends string>(
  list: string,
  key: Key,
  items: readonly Readonly<Record<Key, string>>[],
): Violation[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const value = item[key];
    if (seen.has(value)) return [{ path: `/${list}/${index}/${key}`, message: `"${value}" is given more than once` }];
    seen.add(value);
    return [];
  });
}

/** What a parameter is called makes no difference to a request. */
function duplicateRoutes({ routes }: CatalogueEntry): Violation[] {
  const seen = new Set<string>();
  return routes.flatMap(({ method, path }, index) => {
    const taken = `${method} ${path.replaceAll(/:\w+/g, ':')}`;
    if (seen.has(taken))
      return [{ path: `/routes/${index}/path`, message: `"${method} ${path}" is given more than once` }];
    seen.add(taken);
    return [];
  });
}

function misplacedFunctions({ functions }: CatalogueEntry): Violation[] {
  return functions.flatMap(({ name, path }, index) =>
    path === `/functions/${name}` ? [] : [{ path: `/functions/${index}/path`, message: `must be /functions/${name}` }],
  );
}

/** Whoever reads the catalogue finds the schema and the topic of each type in the entry itself. */
function unknownTypes({ events, functions, routes, schedules }: CatalogueEntry): Violation[] {
  const known = new Set(events.map(({ type }) => type));
  const unknown = (path: string, type: string) =>
    known.has(type) ? [] : [{ path, message: `"${type}" is not among the entry's events` }];
  const unknownIn = (path: string, types: readonly string[]) =>
    types.flatMap((type, index) => unknown(`${path}/${index}`, type));
  return [
    ...functions.flatMap(({ on, emits }, index) => [
      ...unknownIn(`/functions/${index}/on`, on),
      ...unknownIn(`/functions/${index}/emits`, emits),
    ]),
    ...routes.flatMap(({ emits, cache }, index) => [
      ...unknownIn(`/routes/${index}/emits`, emits),
      ...unknownIn(
        `/routes/${index}/cache/invalidatedBy`,
        (cache?.invalidatedBy ?? []).map(({ type }) => type),
      ),
    ]),
    ...schedules.flatMap(({ event }, index) => unknown(`/schedules/${index}/event`, event)),
  ];
}

/** Knative reads a maximum of 0 as "no maximum". */
function impossibleScale({ scale: { min = 0, max = 0 } }: CatalogueEntry): Violation[] {
  return max !== 0 && min > max ? [{ path: '/scale/min', message: `must be at most the maximum, ${max}` }] : [];
}
