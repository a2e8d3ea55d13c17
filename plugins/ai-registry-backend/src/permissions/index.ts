export * from './conditions';
export * from './datasetPermissions';
export * from './modelPermissions';
export * from './OwnerCondition';
export * from './placePermissions';
