import { InputError } from '@backstage/errors';
import { parseMoment } from '@greenroom/ai-node';
import type { CostQuery } from '@greenroom/plugin-ai-training-common';
import type { Span } from './CostStore';

const DAY_MILLIS = 24 * 60 * 60_000;
const MOST_DAYS = 366;

/**
 * The span that is asked for: without bounds, the calendar month (UTC) up to now.
 *
 * @throws InputError that names the bound that is wrong
 */
export function readSpan({ from, to }: CostQuery, now: Date): Required<Span> {
  const end = readMoment('to', to) ?? now;
  const start = readMoment('from', from) ?? startOfMonth(now);
  if (start >= end) {
    throw new InputError(
      `from: ${start.toISOString()} is not before to, ${end.toISOString()}`,
    );
  }
  if (end.getTime() - start.getTime() > MOST_DAYS * DAY_MILLIS) {
    throw new InputError(
      `to: expected at most ${MOST_DAYS} days after from, ${start.toISOString()}: ask for one year after the other`,
    );
  }
  return { from: start, to: end };
}

export function startOfMonth(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
}

function readMoment(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const moment = parseMoment(text);
  if (!moment) {
    throw new InputError(
      `${name}: '${text}' is no moment; expected one in ISO 8601, such as 2026-05-01 or 2026-05-01T00:00:00Z`,
    );
  }
  return moment;
}
