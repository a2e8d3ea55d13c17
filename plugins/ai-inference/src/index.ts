/**
 * Portal pages of inference: deployments, keys and the playground.
 *
 * @packageDocumentation
 */
export { aiInferencePlugin as default } from './plugin';
export { aiInferenceApiRef } from './api/AiInferenceApi';
export type { AiInferenceApi } from './api/AiInferenceApi';
