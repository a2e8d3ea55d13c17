import type { LanguageAnswer, LanguageTask } from '../../domain/LanguageModel';

/**
 * Waits until an answer has begun: what fails before its first part fails as if there had been no
 * answer at all.
 *
 * @throws InferenceError
 */
export async function beginAnswer<T extends LanguageTask>(
  answer: LanguageAnswer<T>,
): Promise<LanguageAnswer<T>> {
  if (answer.kind === 'whole') return answer;
  const iterator = answer.chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  return { ...answer, chunks: goOn(first, iterator) };
}

async function* goOn<Chunk>(
  first: IteratorResult<Chunk>,
  iterator: AsyncIterator<Chunk>,
): AsyncGenerator<Chunk, void, void> {
  try {
    for (let next = first; !next.done; next = await iterator.next()) {
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}
