/**
 * Models, versions and promotions in the portal's search.
 *
 * @packageDocumentation
 */
export { searchModuleAiRegistry as default } from './module';
