export { MigratedDatabases } from './testing/MigratedDatabases';
