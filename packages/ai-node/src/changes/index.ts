export * from './AuditReader';
export * from './ChangeLog';
export * from './createAuditRouter';
export * from './OutboxPublisher';
export { AUDIT_TABLE, createChangeTables, dropChangeTables } from './tables';
