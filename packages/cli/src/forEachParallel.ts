/**
 * Does something with each item, several at a time, and takes no more items than are under way.
 *
 * @throws what the first act throws that fails, after all under way have ended
 */
export async function forEachParallel<Item>(
  items: AsyncIterable<Item>,
  { limit }: { limit: number },
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  let failed = false;
  const work = async () => {
    try {
      for (;;) {
        const next = failed ? undefined : await iterator.next();
        if (!next || next.done) return;
        await act(next.value);
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const done = await Promise.allSettled(Array.from({ length: limit }, work));
  const failure = done.find(({ status }) => status === 'rejected');
  if (failure?.status === 'rejected') throw failure.reason;
}
