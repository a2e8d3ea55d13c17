import { formatMoney, formatNumber } from '@greenroom/ai-react';

/** A team or person as one calls them: `vision` for `group:default/vision`. */
export function shortRef(entityRef: string): string {
  return entityRef.replace(/^(?:[^:]+:default\/|service:)/, '');
}

/** 1st, 2nd, 3rd, 4th, 11th. */
export function ordinal(position: number): string {
  const tens = position % 100;
  const ending =
    tens >= 11 && tens <= 13
      ? 'th'
      : ['th', 'st', 'nd', 'rd'][position % 10] ?? 'th';
  return `${position}${ending}`;
}

/** `1 unit`, `2 units`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** An amount with its currency, also where that is none that browsers know. */
export function money(amount: number, currency: string): string {
  try {
    return formatMoney(amount, currency);
  } catch {
    return `${currency} ${formatNumber(amount, 2)}`;
  }
}

/** In the units that templates ask for it: 2 GiB, 512 MiB. */
export function memory(bytes: number): string {
  const gibibytes = bytes / 1024 ** 3;
  return gibibytes >= 1
    ? `${formatNumber(gibibytes, 2)} GiB`
    : `${formatNumber(bytes / 1024 ** 2, 1)} MiB`;
}
