/** One message of a conversation, as an engine takes it: text only. */
export interface ChatText {
  role: 'system' | 'user' | 'assistant';
  text: string;
}

/** What an engine is to write. */
export interface Generation {
  prompt:
    | { kind: 'chat'; messages: readonly ChatText[] }
    | { kind: 'text'; text: string };
  /** Most tokens to write; less where the context ends before. */
  maxTokens: number;
  /** 0 for the likeliest token each time. */
  temperature: number;
  /** Share of the likeliest tokens that are chosen from, above 0 and up to 1. */
  topP: number;
  seed: number | undefined;
  /** What is written is JSON that fits it; of the keywords that {@link toGrammarSchema} leaves. */
  schema: GrammarSchema | undefined;
}

/** A JSON schema that was made to fit grammars. */
export type GrammarSchema = { readonly [keyword: string]: unknown };

/** What happens while an engine writes, in this order. */
export type GenerationEvent =
  /** The prompt was read. */
  | { kind: 'prompt'; tokens: number }
  /** One more token was written; its text is empty while a character is not whole. */
  | { kind: 'token'; text: string }
  /** The model has said all, or may say no more. */
  | { kind: 'end'; reason: 'stop' | 'length' };

/** What runs a language model. It writes one text at a time. */
export interface Engine {
  /**
   * Ends within 100 ms when the signal is aborted, or the iterator is returned.
   *
   * @throws PromptTooLongError or SchemaError before the first event
   */
  generate(
    generation: Generation,
    signal: AbortSignal,
  ): AsyncIterable<GenerationEvent>;
}

/** The prompt does not fit the context, or leaves no room for an answer. */
export class PromptTooLongError extends Error {
  constructor(tokens: number, contextTokens: number) {
    super(
      `the prompt has ${tokens} tokens, and prompt and answer together may have ${contextTokens}`,
    );
    this.name = 'PromptTooLongError';
  }
}

/** No grammar can be made of the schema. */
export class SchemaError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SchemaError';
  }
}
