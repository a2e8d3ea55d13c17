/**
 * Control plane of experiments and runs: keeps what training measures and makes, also for plain
 * clients of MLflow.
 *
 * @packageDocumentation
 */
export { aiTrainingPlugin as default } from './plugin';
export * from './permissions';
