/**
 * Portal pages of the model registry.
 *
 * @packageDocumentation
 */
export { aiRegistryPlugin as default } from './plugin';
export { aiRegistryApiRef } from './api/AiRegistryApi';
export type { AiRegistryApi, UploadFileOptions } from './api/AiRegistryApi';
