/**
 * Types, permissions and typed client of experiments and runs.
 *
 * @packageDocumentation
 */
export * from './permissions';
