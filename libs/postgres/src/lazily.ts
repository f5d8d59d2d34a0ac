/** Something that is made when it is first asked for; `loaded` gives it only when it was. */
export interface Lazy<T> {
  (): Promise<T>;
  loaded(): Promise<T> | undefined;
}

export function lazily<T>(make: () => Promise<T>): Lazy<T> {
  let made: Promise<T> | undefined;
  return Object.assign(() => (made ??= make()), { loaded: () => made });
}
