const formats = new Map<string, Intl.NumberFormat>();

/** Formats are dear to make and cheap to use: a table asks for thousands, of a few kinds. */
function numberFormat(options?: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options ?? null);
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat('en', options);
  formats.set(key, made);
  return made;
}

/** A number as people read it: 1,234, 0.123, 1.2e-7. */
export function formatNumber(value: number, maximumDigits = 3): string {
  if (!Number.isFinite(value)) return String(value);
  if (value !== 0 && Math.abs(value) < 10 ** -maximumDigits) {
    return value.toExponential(1);
  }
  const digits =
    Math.abs(value) >= 100 && !Number.isInteger(value) ? 1 : maximumDigits;
  return numberFormat({ maximumFractionDigits: digits }).format(value);
}

/** A share from 0 to 1 as percent. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent !== 0 && Math.abs(percent) < 0.01) return '<0.01 %';
  const digits = Math.abs(percent) < 1 ? 2 : 1;
  return `${numberFormat({
    maximumFractionDigits: digits,
  }).format(percent)} %`;
}

/** An amount of money, with its currency as three letters. */
export function formatMoney(amount: number, currency: string): string {
  return numberFormat({
    style: 'currency',
    currency,
    currencyDisplay: 'code',
    maximumFractionDigits: amount !== 0 && amount < 1 ? 4 : 2,
  })
    .format(amount)
    .replace('\u00a0', ' ');
}

/** Events per second. */
export function formatRate(perSecond: number): string {
  const digits = perSecond >= 100 ? 0 : 1;
  return `${numberFormat({
    maximumFractionDigits: perSecond !== 0 && perSecond < 1 ? 2 : digits,
  }).format(perSecond)}/s`;
}

/** Milliseconds with a unit that fits: 0.21 ms, 12 ms, 1.5 s. */
export function formatMillis(millis: number): string {
  if (millis >= 1000) return `${formatNumber(millis / 1000, 2)} s`;
  return `${formatNumber(millis, millis < 10 ? 2 : 1)} ms`;
}

/** Whole seconds as 45 s, 3 min 5 s or 2 h 10 min. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) {
    const rest = whole % 60;
    return `${Math.floor(whole / 60)} min${rest ? ` ${rest} s` : ''}`;
  }
  const minutes = Math.floor((whole % 3600) / 60);
  return `${Math.floor(whole / 3600)} h${minutes ? ` ${minutes} min` : ''}`;
}

/** Seconds, of which parts count below a minute: 250 ms, 1.5 s, 2 min 5 s. */
export function formatSeconds(seconds: number): string {
  return seconds !== 0 && Math.abs(seconds) < 60
    ? formatMillis(seconds * 1000)
    : formatDuration(seconds);
}

/** Bytes with a decimal unit: 12.3 kB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${formatNumber(value, 1)} ${units[unit]}`;
}

/** A metric's value with four significant digits, always as many: 0.9600, 41.23; whole from 1,000 on. */
export function formatMetric(value: number | undefined): string {
  if (value === undefined) return '–';
  if (Number.isInteger(value)) return numberFormat().format(value);
  return numberFormat(
    Math.abs(value) >= 1000
      ? { maximumFractionDigits: 0 }
      : { minimumSignificantDigits: 4, maximumSignificantDigits: 4 },
  ).format(value);
}

/** A difference of metrics, always with its sign. */
export function formatDifference(value: number | undefined): string {
  if (value === undefined) return '–';
  if (value === 0) return '±0';
  const text = numberFormat({
    maximumSignificantDigits: 4,
  }).format(Math.abs(value));
  return value > 0 ? `+${text}` : `−${text}`;
}

/** The strength of a drift: PSI, JS distance and the like. */
export function formatEffect(effect: number): string {
  return effect !== 0 && Math.abs(effect) < 0.001
    ? '< 0.001'
    : effect.toFixed(3);
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

/** A month of UTC: "May 2026". */
export function formatMonth(at: string): string {
  return new Date(at).toLocaleDateString('en-GB', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
}

/** Hours and minutes in the reader's time zone, of a time of today: "14:05". */
export function formatTimeOfDay(at: string): string {
  return new Date(at).toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
  });
}

/**
 * ISO 8601, of a moment that a program says: it may be none that there is.
 *
 * @param millis - since 1970
 */
export function isoOf(millis: number | undefined): string | undefined {
  const moment = new Date(millis ?? NaN);
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}
