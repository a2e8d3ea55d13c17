import type { LanguagePayload } from '../../domain/Exchange';
import { LanguageGist } from '../../domain/shadow/LanguageGist';

/** Where answers of OpenAI's API have what a model wrote: whole, or in a chunk. */
interface Choice {
  text?: unknown;
  message?: unknown;
  delta?: unknown;
}

/** Characters of what a model wrote, in an answer or a chunk of one. */
export function charactersOf(answer: object): number {
  const choices: unknown = Reflect.get(answer, 'choices');
  if (!Array.isArray(choices)) return 0;
  return choices.reduce(
    (sum: number, { text, message, delta }: Choice) =>
      sum + lengthOf(text) + lengthsIn(message) + lengthsIn(delta),
    0,
  );
}

/** Passes chunks on, and takes down what came: how much, and for a shadow what. */
export async function* watchChunks<Chunk extends object>(
  chunks: AsyncIterable<Chunk>,
  payload: LanguagePayload,
): AsyncGenerator<Chunk, void, void> {
  for await (const chunk of chunks) {
    payload.answeredCharacters =
      (payload.answeredCharacters ?? 0) + charactersOf(chunk);
    keepGist(payload, chunk);
    yield chunk;
  }
}

/** Keeps what an answer, or a chunk of one, says for a shadow's to be compared with. */
export function keepGist({ copied }: LanguagePayload, answer: object): void {
  if (!copied) return;
  copied.gist ??= new LanguageGist();
  copied.gist.add(answer);
}

function lengthsIn(message: unknown): number {
  const {
    content,
    reasoning_content: thought,
    refusal,
    tool_calls: calls,
  } = Object(message);
  const called = Array.isArray(calls)
    ? calls.reduce(
        (sum: number, call: unknown) =>
          sum + lengthOf(Object(Object(call).function).arguments),
        0,
      )
    : 0;
  return lengthOf(content) + lengthOf(thought) + lengthOf(refusal) + called;
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : 0;
}
