/** What a tool's child gets of this process's environment. NODE_* variables would change how it starts. */
const INHERITED = ['PATH', 'HOME', 'TZ', 'LANG', 'TMPDIR'] as const;

/** A clean environment for a child process: the same start on every machine. */
export function cleanEnvironment(own: Readonly<Record<string, string>> = {}): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => {
    // eslint-disable-next-line no-restricted-properties -- handed on as it is, not read as configuration
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), ...own };
}
