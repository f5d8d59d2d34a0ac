/** What the kit takes from the function runtime. */
export type Runtime = Awaited<ReturnType<typeof loadRuntime>>;

/**
 * Loads the function runtime when a test first uses it: tests that want a database alone do without, those of the
 * runtime's own libraries among them.
 */
export async function loadRuntime() {
  const [
    { createHandler, defineService },
    { runtimeAnswersOf },
    { generateIdentityKeys, IDENTITY_HEADER, parseIdentityKey, signIdentity },
    { openDatabase, moveDueTimers, sendDueParked },
    { migrate, PLATFORM_MIGRATIONS: platformMigrations },
    { listParked, redriveParked, showParked },
    { startTelemetry },
  ] = await Promise.all([
    import('@ebb/function'),
    import('@ebb/function/describe'),
    import('@ebb/function/identity'),
    import('@ebb/postgres'),
    import('@ebb/postgres/migrate'),
    import('@ebb/postgres/parked'),
    import('@ebb/telemetry'),
  ]);
  return {
    ...{ createHandler, defineService, runtimeAnswersOf, startTelemetry },
    ...{ generateIdentityKeys, IDENTITY_HEADER, parseIdentityKey, signIdentity },
    ...{ openDatabase, migrate, platformMigrations, moveDueTimers, sendDueParked },
    ...{ listParked, redriveParked, showParked },
  };
}
