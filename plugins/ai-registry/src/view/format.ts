/** A metric's value with four significant digits, whole from 1,000 on. */
export function formatMetric(value: number | undefined): string {
  if (value === undefined) return '–';
  return new Intl.NumberFormat(
    'en',
    Math.abs(value) >= 1000
      ? { maximumFractionDigits: 0 }
      : { maximumSignificantDigits: 4 },
  ).format(value);
}

/** A difference of metrics, always with its sign. */
export function formatDifference(value: number | undefined): string {
  if (value === undefined) return '–';
  const text = formatMetric(Math.abs(value));
  if (value === 0) return '±0';
  return value > 0 ? `+${text}` : `−${text}`;
}

/** A moment in the reader's time zone: "3 May 2026, 14:05". */
export function formatMoment(at: string): string {
  return new Date(at).toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
}

/** A tensor's shape; free dimensions are stars: [* × 64]. */
export function formatShape(shape: number[]): string {
  return `[${shape.map(size => (size < 0 ? '*' : size)).join(' × ')}]`;
}
