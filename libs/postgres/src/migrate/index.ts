export { migrate, type MigrateOptions } from './migrate.ts';
export { provision, type ProvisionOptions } from './provision.ts';
export { setPassword } from './role-password.ts';
