import type { LanguageTask } from '../../domain/LanguageModel';

/** Where the one entry for all models has each task of a language model. */
export const AI_PATHS: Record<LanguageTask, string> = {
  chat: '/ai/chat',
  completions: '/ai/completions',
  embeddings: '/ai/embeddings',
};
export const AI_MODELS_PATH = '/ai/models';
export const AI_BATCH_PATH = '/ai/batch';
