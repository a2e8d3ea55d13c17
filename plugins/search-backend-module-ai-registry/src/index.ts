/**
 * Models, versions, promotions and datasets in the portal's search.
 *
 * @packageDocumentation
 */
export { searchModuleAiRegistry as default } from './module';
