/** Which rows of a long table are drawn: those in sight, and some around them. */
export function rowsInView(options: {
  /** Pixels that are scrolled away. */
  scrolled: number;
  /** Pixels that are in sight. */
  height: number;
  /** Pixels of a row. */
  rowHeight: number;
  /** How many rows there are. */
  count: number;
  /** How many are drawn before and after those in sight. */
  around: number;
}): { from: number; to: number } {
  const { scrolled, height, rowHeight, count, around } = options;
  const first = Math.floor(scrolled / rowHeight);
  const last = Math.ceil((scrolled + height) / rowHeight);
  const from = Math.max(0, Math.min(first, count) - around);
  return { from, to: Math.min(count, Math.max(last, 0) + around) };
}
