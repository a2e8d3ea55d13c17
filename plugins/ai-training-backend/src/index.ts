/**
 * Control plane of experiments and runs: keeps what training measures and makes, also for plain
 * clients of MLflow.
 *
 * @packageDocumentation
 */
export { aiRegistryModuleTrainingArtifacts } from './artifacts/registryModule';
export { aiTrainingFeatures as default } from './features';
export { aiTrainingPlugin } from './plugin';
export * from './permissions';
