/** What a language model can be asked for, as OpenAI's API has it. */
export const LANGUAGE_TASKS = ['chat', 'completions', 'embeddings'] as const;

export type LanguageTask = (typeof LANGUAGE_TASKS)[number];

/** Where a data plane is asked for each task. */
export const LANGUAGE_PATHS: Record<LanguageTask, string> = {
  chat: '/v1/chat/completions',
  completions: '/v1/completions',
  embeddings: '/v1/embeddings',
};

/** Headers of a language model's answer that say who gave it. */
export const HEADER_ANSWERING_MODEL = 'x-greenroom-model';
export const HEADER_ANSWERING_VERSION = 'x-greenroom-version';
