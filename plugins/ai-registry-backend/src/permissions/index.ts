export * from './conditions';
export * from './modelPermissions';
export * from './placePermissions';
