/** Longest excerpt of a caller's value in a message, in characters. */
const MAX_SHOWN = 40;

/** A short form of any value out of a request body, for a message. */
export function show(value: unknown): string {
  const text =
    JSON.stringify(value, (_key, part) =>
      typeof part === 'bigint' ? String(part) : part,
    ) ?? String(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}
