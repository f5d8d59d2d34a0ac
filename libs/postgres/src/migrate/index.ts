export { PLATFORM_MIGRATIONS } from './platform-migrations.ts';
export { migrate, type MigrateOptions } from './migrate.ts';
export { provision, type ProvisionOptions } from './provision.ts';
export { provisionRole, type ProvisionRoleOptions } from './provision-role.ts';
export { setPassword } from './role-password.ts';
