/**
 * Backend of the model registry: models, versions, artifacts, aliases, promotion.
 *
 * @packageDocumentation
 */
export * from './permissions';
export { aiRegistryPlugin as default } from './plugin';
