/**
 * What the control plane and the data plane say to each other, and the typed client of the
 * inference API.
 *
 * @packageDocumentation
 */
export * from './apiDocument';
export * from './client';
export * from './clusters';
export * from './connection';
export * from './consumer';
export * from './deployment';
export * from './events';
export * from './language';
export * from './leftover';
export * from './modelServer';
export * from './openInference';
export * from './permissions';
export * from './pods';
export * from './record';
export * from './snapshot';
export * from './tokenLimits';
export * from './inferRequest';
export * from './keyScopes';
export * from './requestLimits';
export * from './typicalValues';
