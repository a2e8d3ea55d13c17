/** Round numbers between the least and the greatest value, about so many. */
export function ticksBetween(
  least: number,
  greatest: number,
  about: number,
): number[] {
  if (!(greatest > least)) return [least];
  const rough = (greatest - least) / Math.max(1, about);
  const power = 10 ** Math.floor(Math.log10(rough));
  const distance =
    [1, 2, 5, 10].map(digit => digit * power).find(one => one >= rough) ??
    10 * power;
  const first = Math.ceil(least / distance - 1e-9);
  const last = Math.floor(greatest / distance + 1e-9);
  // Dividing by a whole number gives 0.6, where multiplying by 0.2 gives 0.6000000000000001.
  const inverse = distance < 1 ? Math.round(1 / distance) : undefined;
  return Array.from({ length: last - first + 1 }, (_, i) =>
    inverse === undefined ? (first + i) * distance : (first + i) / inverse,
  );
}

/** What can be drawn on an axis. */
export type AxisValue = number | string;

/** Where values are on an axis: 0 is its beginning and 1 its end. */
export interface ValueAxis {
  kind: 'numbers' | 'words';
  /** Where a value is. */
  place(value: AxisValue): number;
  ticks: { label: string; at: number }[];
}

/** An axis of numbers where all values are numbers, else of words in their order. */
export function axisOf(
  values: AxisValue[],
  formatNumber: (value: number) => string,
  about = 5,
): ValueAxis {
  const numbers = values.filter(value => typeof value === 'number');
  if (numbers.length === values.length && numbers.length > 0) {
    const [least, greatest] = [Math.min(...numbers), Math.max(...numbers)];
    const place = (value: AxisValue) =>
      greatest > least ? (Number(value) - least) / (greatest - least) : 0.5;
    return {
      kind: 'numbers',
      place,
      ticks: ticksBetween(least, greatest, about).map(value => ({
        label: formatNumber(value),
        at: place(value),
      })),
    };
  }
  const words = [...new Set(values.map(String))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const place = (value: AxisValue) => {
    const index = words.indexOf(String(value));
    return words.length > 1 ? index / (words.length - 1) : 0.5;
  };
  return {
    kind: 'words',
    place,
    ticks: words.map(word => ({ label: word, at: place(word) })),
  };
}
