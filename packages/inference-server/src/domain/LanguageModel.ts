import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParams,
} from 'openai/resources/chat/completions';
import type {
  Completion,
  CompletionCreateParams,
} from 'openai/resources/completions';
import type {
  CreateEmbeddingResponse,
  EmbeddingCreateParams,
} from 'openai/resources/embeddings';
import type { TokenEstimate } from './tokenUse';

/**
 * What callers may ask of a language model, in the words of OpenAI's API, which all others are
 * translated from and to: its types are the ones that clients of the field already have.
 */
export interface LanguageTasks {
  chat: {
    request: ChatCompletionCreateParams;
    answer: ChatCompletion;
    chunk: ChatCompletionChunk;
  };
  completions: {
    request: CompletionCreateParams;
    answer: Completion;
    chunk: Completion;
  };
  embeddings: {
    request: EmbeddingCreateParams;
    answer: CreateEmbeddingResponse;
    /** Embeddings come as a whole. */
    chunk: never;
  };
}

export type LanguageTask = keyof LanguageTasks;

/** Tokens as whoever ran the model counted them; undefined where it did not say. */
export interface TokenCounts {
  input: number | undefined;
  output: number | undefined;
  /** Of the input, what was not computed anew. */
  cachedInput?: number;
  /** Of the output, what the caller does not see. */
  reasoning?: number;
}

/** An answer on its way. */
export type LanguageAnswer<T extends LanguageTask> =
  | { kind: 'whole'; body: LanguageTasks[T]['answer']; tokens: TokenCounts }
  | {
      kind: 'stream';
      /**
       * Ends when the model has said all. Whoever stops early returns the iterator, which ends
       * the work behind it.
       *
       * @throws InferenceError when the answer breaks off
       */
      chunks: AsyncIterable<LanguageTasks[T]['chunk']>;
      /** As far as they are known; complete once `chunks` has ended. */
      tokens(): TokenCounts;
    };

/** What goes along with a request. */
export interface AnswerOptions {
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
  /**
   * What requests have in common that are better answered at the same place, since that keeps
   * what it has read of them; undefined where they have nothing.
   */
  affinity?: string;
  /**
   * Counts bytes of the answer that are held in memory.
   *
   * @throws InferenceError `overloaded` when that would be too many
   */
  hold?(bytes: number): void;
  /** Whether nobody waits for the answer, and how it goes says nothing about what others are asked. */
  isCopy?: boolean;
}

/** One loaded version of a language model, wherever it runs. */
export interface LanguageModel {
  readonly tasks: ReadonlySet<LanguageTask>;
  /**
   * @param request - checked by the edge; whether it streams is in it
   * @throws InferenceError with a reason that callers may read
   */
  answer<T extends LanguageTask>(
    task: T,
    request: LanguageTasks[T]['request'],
    options: AnswerOptions,
  ): Promise<LanguageAnswer<T>>;
  /** What a request may come to, before it is sent. */
  estimate<T extends LanguageTask>(
    task: T,
    request: LanguageTasks[T]['request'],
  ): TokenEstimate;
  release(): Promise<void>;
}
