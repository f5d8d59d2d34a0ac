export { testDatabase, type TestDatabase, type TestDatabaseOptions } from './database.ts';
export { dropRoles } from './drop-roles.ts';
export { eventually, type EventuallyOptions } from './eventually.ts';
export type { Template } from './template.ts';
