/** What a language model can be asked for, as OpenAI's API has it. */
export const LANGUAGE_TASKS = ['chat', 'completions', 'embeddings'] as const;

export type LanguageTask = (typeof LANGUAGE_TASKS)[number];

/** Headers of a language model's answer that say who gave it. */
export const HEADER_ANSWERING_MODEL = 'x-greenroom-model';
export const HEADER_ANSWERING_VERSION = 'x-greenroom-version';
