import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { TokenCounts } from '../../domain/LanguageModel';
import type { StreamDecoder } from '../Provider';
import { eventJson } from '../json';
import {
  finishOf,
  identityOf,
  parseAnswer,
  saidBy,
  tokensOf,
  usageOf,
} from './decodeChat';
import type { Candidate, GenerateContentResponse } from './wire';

const NOTHING: GenerateContentResponse = {};

/** Parts of `streamGenerateContent` as chunks of OpenAI's API. */
export class ChatStreamDecoder implements StreamDecoder<ChatCompletionChunk> {
  readonly #model: string;
  readonly #showsUsage: boolean;
  /** Candidates that have begun to speak, with the calls that they made. */
  readonly #calls = new Map<number, number>();
  #identity: ReturnType<typeof identityOf> | undefined;
  #tokens: TokenCounts = { input: undefined, output: undefined };
  #finished = 0;
  #usageShown = false;

  constructor(options: { model: string; showsUsage: boolean }) {
    this.#model = options.model;
    this.#showsUsage = options.showsUsage;
  }

  get complete(): boolean {
    return this.#finished > 0 && this.#finished === this.#calls.size;
  }

  get tokens(): TokenCounts {
    return this.#tokens;
  }

  decode(data: string): ChatCompletionChunk[] {
    const answer = parseAnswer(eventJson(data));
    this.#identity ??= identityOf(answer, this.#model);
    if (answer.usageMetadata) this.#tokens = tokensOf(answer);
    const chunks = (answer.candidates ?? []).flatMap((candidate, index) =>
      this.#chunksOf(candidate, candidate.index ?? index),
    );
    if (this.#showsUsage && this.complete && !this.#usageShown) {
      this.#usageShown = true;
      chunks.push({
        ...this.#head(),
        choices: [],
        usage: usageOf(this.#tokens),
      });
    }
    return chunks;
  }

  #chunksOf(candidate: Candidate, index: number): ChatCompletionChunk[] {
    const before = this.#calls.get(index);
    const { text, thought, calls } = saidBy(candidate, before ?? 0);
    const count = (before ?? 0) + calls.length;
    this.#calls.set(index, count);
    const finish = finishOf(candidate, count > 0);
    if (finish !== undefined) this.#finished++;
    const delta = {
      ...(before === undefined && { role: 'assistant' as const }),
      ...(text !== '' && { content: text }),
      ...(thought !== '' && { reasoning_content: thought }),
      ...(calls.length > 0 && {
        tool_calls: calls.map((call, position) => ({
          ...call,
          type: 'function' as const,
          index: (before ?? 0) + position,
        })),
      }),
    };
    return [
      {
        ...this.#head(),
        choices: [{ index, delta, finish_reason: finish ?? null }],
      },
    ];
  }

  #head() {
    const identity = this.#identity ?? identityOf(NOTHING, this.#model);
    return { ...identity, object: 'chat.completion.chunk' as const };
  }
}
