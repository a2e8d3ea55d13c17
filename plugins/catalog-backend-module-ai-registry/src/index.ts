/**
 * Registered models as entities of the catalog.
 *
 * @packageDocumentation
 */
export { catalogModuleAiRegistry as default } from './module';
