const LINE_END = '\n'.charCodeAt(0);

/**
 * Leaves out the oldest lines of a text that is too long, and the part of a line before the first
 * that is whole. Of one line that alone is too long its end is kept.
 */
export function keepNewestLines(
  text: string,
  mostBytes: number,
): { text: string; isCut: boolean } {
  const bytes = Buffer.from(text);
  if (bytes.length <= mostBytes) return { text, isCut: false };
  const end = bytes.subarray(bytes.length - mostBytes);
  const lineEnd = end.indexOf(LINE_END);
  const isWithin = lineEnd !== -1 && lineEnd < end.length - 1;
  return {
    // A character that was cut in two begins with what stands for none.
    text: (isWithin ? end.subarray(lineEnd + 1) : end)
      .toString()
      .replace(/^\ufffd+/, ''),
    isCut: true,
  };
}
