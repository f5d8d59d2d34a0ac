/** The database schema of a service or a worker, unless its environment says otherwise. */
export function schemaOf(name: string): string {
  return name.replaceAll('-', '_');
}
