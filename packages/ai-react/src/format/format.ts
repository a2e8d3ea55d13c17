/** A number as people read it: 1,234, 0.123, 1.2e-7. */
export function formatNumber(value: number, maximumDigits = 3): string {
  if (!Number.isFinite(value)) return String(value);
  if (value !== 0 && Math.abs(value) < 10 ** -maximumDigits) {
    return value.toExponential(1);
  }
  const digits =
    Math.abs(value) >= 100 && !Number.isInteger(value) ? 1 : maximumDigits;
  return new Intl.NumberFormat('en', { maximumFractionDigits: digits }).format(
    value,
  );
}

/** A share from 0 to 1 as percent. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent !== 0 && Math.abs(percent) < 0.01) return '<0.01 %';
  const digits = Math.abs(percent) < 1 ? 2 : 1;
  return `${new Intl.NumberFormat('en', {
    maximumFractionDigits: digits,
  }).format(percent)} %`;
}

/** Events per second. */
export function formatRate(perSecond: number): string {
  const digits = perSecond >= 100 ? 0 : 1;
  return `${new Intl.NumberFormat('en', {
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
