/**
 * Types, permissions and typed client of experiments and runs.
 *
 * @packageDocumentation
 */
export * from './experiment';
export * from './loggedModel';
export * from './permissions';
export * from './run';
