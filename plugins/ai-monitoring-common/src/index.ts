/**
 * Types, permissions and typed client of monitoring.
 *
 * @packageDocumentation
 */
export * from './client';
export * from './events';
export * from './permissions';
export * from './types';
export * from './comparison';
