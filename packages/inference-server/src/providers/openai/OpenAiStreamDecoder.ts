import type { TokenCounts } from '../../domain/LanguageModel';
import { eventJson } from '../json';
import { ProviderError } from '../ProviderError';
import type { StreamDecoder } from '../Provider';
import { errorInStream } from './errors';
import { tokensOf, type OpenAiUsage } from './tokens';

const DONE = '[DONE]';

/** As much of a chunk as is looked at; the rest is passed on as it is. */
interface AnyChunk {
  choices: { finish_reason?: string | null }[];
  usage?: OpenAiUsage | null;
}

/** Chunks of OpenAI's API, which are passed on but for what the caller did not ask for. */
export class OpenAiStreamDecoder<Chunk extends AnyChunk>
  implements StreamDecoder<Chunk>
{
  readonly #showsUsage: boolean;
  #tokens: TokenCounts = { input: undefined, output: undefined };
  #done = false;
  #finished = 0;

  /** @param options - whether the caller asked for the usage at the end */
  constructor(options: { showsUsage: boolean }) {
    this.#showsUsage = options.showsUsage;
  }

  /** Servers that never say `[DONE]` say why each choice ended. */
  get complete(): boolean {
    return this.#done || this.#finished > 0;
  }

  get tokens(): TokenCounts {
    return this.#tokens;
  }

  decode(data: string): Chunk[] {
    if (data.trim() === DONE) {
      this.#done = true;
      return [];
    }
    const chunk = parse<Chunk>(data);
    if (chunk.usage) this.#tokens = tokensOf(chunk.usage);
    for (const choice of chunk.choices) {
      if (choice.finish_reason) this.#finished++;
    }
    if (this.#showsUsage || !chunk.usage) return [chunk];
    if (chunk.choices.length === 0) return [];
    const { usage, ...rest } = chunk;
    return [rest as Chunk];
  }
}

/** @throws ProviderError when it is none, or tells of a failure */
function parse<Chunk extends AnyChunk>(data: string): Chunk {
  const value = eventJson(data);
  const failure = errorInStream(value);
  if (failure) throw failure;
  if (!isChunk<Chunk>(value)) {
    throw new ProviderError('a part of its answer is no chunk', {
      status: 502,
    });
  }
  return value;
}

function isChunk<Chunk extends AnyChunk>(value: unknown): value is Chunk {
  return Array.isArray(Object(value).choices);
}
