/**
 * Registered models and datasets as entities of the catalog.
 *
 * @packageDocumentation
 */
export { catalogModuleAiRegistry as default } from './module';
