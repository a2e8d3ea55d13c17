const MOMENT =
  /^(?!0000)(\d{4}-\d\d-\d\d)(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/i;

/**
 * Reads a moment that somebody gives: a date of the calendar, which begins in UTC, or with a time and its zone. To
 * the millisecond.
 *
 * @remarks
 *
 * `Date` alone takes more: `1`, `March 7`, the 30th of February, which it makes the 2nd of March, and
 * times without a zone, whose meaning depends on where the server stands.
 *
 * @param text - such as `2026-05-01` or `2026-05-01T12:00:00Z`, as ISO 8601 has it
 * @returns undefined where it is none.
 */
export function parseMoment(text: string): Date | undefined {
  const day = MOMENT.exec(text)?.[1];
  if (day === undefined || !isInCalendar(day)) return undefined;
  const moment = new Date(text.toUpperCase());
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

/** As {@link parseMoment} does, where a date alone is too little: the time must be said. */
export function parseDateTime(text: string): Date | undefined {
  return text.includes(':') ? parseMoment(text) : undefined;
}

function isInCalendar(day: string): boolean {
  const start = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(start.getTime()) && start.toISOString().startsWith(day);
}
