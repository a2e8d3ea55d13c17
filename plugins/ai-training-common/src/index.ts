/**
 * Types, permissions and typed client of experiments and runs.
 *
 * @packageDocumentation
 */
export type { ArtifactFile, ArtifactPage } from './artifact';
export * from './client';
export * from './conversion';
export * from './costs';
export * from './datasetUse';
export { endOfCharacters } from './endOfCharacters';
export * from './events';
export * from './experiment';
export * from './imports';
export * from './loggedModel';
export * from './metrics';
export * from './permissions';
export * from './problemWithValue';
export * from './quantity';
export * from './retraining';
export * from './run';
export * from './job';
export * from './template';
export * from './tellJob';
export * from './parameterValue';
