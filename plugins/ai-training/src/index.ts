/**
 * Portal pages of experiments: their runs, curves and comparisons, and a page for each run.
 *
 * @packageDocumentation
 */
export { aiTrainingPlugin as default } from './plugin';
export { aiTrainingApiRef } from './api/AiTrainingApi';
export type { AiTrainingApi } from './api/AiTrainingApi';
