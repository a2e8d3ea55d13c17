export * from './AuditReader';
export * from './ChangeLog';
export * from './createAuditRouter';
export * from './createChanges';
export * from './OutboxPublisher';
export * from './OwnedModels';
export { AUDIT_TABLE, createChangeTables, dropChangeTables } from './tables';
