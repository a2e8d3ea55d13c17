const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes for people: 12.3 MB. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const digits = unit > 0 && value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** A moment for people, in UTC to the minute: 2026-05-01 13:37. */
export function timeText(iso: string | undefined): string | undefined {
  return iso?.replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}).*$/, '$1 $2');
}

/** An amount of money as pages show it: USD 12.40, and small amounts with their digits. */
export function moneyText({
  amount,
  currency,
}: {
  amount: number;
  currency: string;
}): string {
  const digits = amount !== 0 && amount < 1 ? 4 : 2;
  const text = amount.toFixed(digits).replace(/(\.\d\d\d*?)0+$/, '$1');
  return `${currency} ${text}`;
}

/** `key=value`, by key. */
export function pairsText(pairs: Record<string, string | number>): string {
  return Object.entries(pairs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}

/** With as many digits as a person compares by. */
export function numberText(value: number): string {
  return Number.isInteger(value)
    ? String(value)
    : String(+value.toPrecision(5));
}
