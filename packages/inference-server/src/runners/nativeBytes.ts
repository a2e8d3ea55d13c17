/**
 * Memory of the process outside of this thread's heap, which grows and shrinks by itself. Models are in it;
 * heaps of other threads, too.
 */
export function nativeBytes(): number {
  const { rss } = process.memoryUsage();
  return rss - heapBytes();
}

/** Memory that this thread's heap has, and what hangs on it. */
export function heapBytes(): number {
  const { heapTotal, external } = process.memoryUsage();
  return heapTotal + external;
}
