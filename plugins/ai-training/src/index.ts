/**
 * Portal pages of training: experiments with their runs, curves and comparisons; jobs with their templates and queue.
 *
 * @packageDocumentation
 */
export { aiTrainingPlugin as default } from './plugin';
export { aiTrainingApiRef } from './api/AiTrainingApi';
export type { AiTrainingApi } from './api/AiTrainingApi';
