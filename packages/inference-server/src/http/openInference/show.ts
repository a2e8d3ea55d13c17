/** Longest excerpt of a caller's value in a message, in characters. */
const MAX_SHOWN = 40;

function showPart(value: unknown): string {
  if (Array.isArray(value)) return '[...]';
  if (typeof value === 'object' && value !== null) return '{...}';
  return typeof value === 'string'
    ? JSON.stringify(value.slice(0, MAX_SHOWN + 1))
    : String(value);
}

/**
 * A short form of any value out of a request body, for a message. Goes one level deep, as
 * all of a large value would cost more than its request.
 */
export function show(value: unknown): string {
  const text = Array.isArray(value)
    ? `[${value
        .slice(0, MAX_SHOWN + 1)
        .map(showPart)
        .join(',')}]`
    : showPart(value);
  return text.length > MAX_SHOWN
    ? // A character of two halves may be cut in the middle, which UTF-8 has none of.
      `${Buffer.from(text.slice(0, MAX_SHOWN))}...`
    : text;
}
