export * from './modelPermissions';
