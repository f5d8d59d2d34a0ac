interface Visited {
  readonly path: string;
  readonly fields: readonly string[];
  readonly read: Set<string>;
}

/**
 * The fields of a value that a check never looked at. The published validators let unknown fields pass without a word; but what a
 * validator knows, it reads, so that a field which it left alone is one that it does not know.
 */
export function unreadFields(value: object, check: (value: object) => void): readonly string[] {
  const visited: Visited[] = [];
  check(watched(value, '', visited));
  return visited.flatMap(({ path, fields, read }) =>
    fields.filter((field) => !read.has(field)).map((field) => `${path}/${field}`),
  );
}

function watched(value: object, path: string, visited: Visited[]): object {
  const read = new Set<string>();
  const children = new Map<string, object>();
  visited.push({ path, fields: Array.isArray(value) ? [] : Object.keys(value), read });
  return new Proxy(value, {
    get(target, field) {
      const got: unknown = Reflect.get(target, field);
      if (typeof field !== 'string') return got;
      read.add(field);
      if (typeof got !== 'object' || got === null || !Object.hasOwn(target, field)) return got;
      const child = children.get(field) ?? watched(got, `${path}/${field}`, visited);
      children.set(field, child);
      return child;
    },
  });
}
