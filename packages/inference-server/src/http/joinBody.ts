/** Of the widest numbers of tensors. */
const ALIGNMENT = 8;

/**
 * Puts a body together so that tensors in binary form behind its JSON are read where they lie: numbers have to begin at a
 * multiple of their width, and would be copied once more otherwise.
 *
 * @param jsonBytes - length of the JSON in front, as the caller says; 0 where there is nothing behind it
 */
export function joinBody(
  chunks: readonly Buffer[],
  bytes: number,
  jsonBytes: number,
): Buffer {
  if (chunks.length === 1) return chunks[0];
  if (!(jsonBytes > 0)) return Buffer.concat(chunks, bytes);
  const start = (ALIGNMENT - (jsonBytes % ALIGNMENT)) % ALIGNMENT;
  // In memory of its own, whose start is aligned.
  const body = Buffer.allocUnsafeSlow(start + bytes);
  let at = start;
  for (const chunk of chunks) at += chunk.copy(body, at);
  return body.subarray(start);
}
