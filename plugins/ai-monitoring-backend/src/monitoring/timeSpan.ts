import { InputError } from '@backstage/errors';
import type { TimeRange } from '@greenroom/plugin-ai-monitoring-common';

/** @throws InputError unless both are times, and `from` is before `to` */
export function parseTimeSpan({ from, to }: TimeRange): {
  fromMillis: number;
  toMillis: number;
} {
  const [fromMillis, toMillis] = [from, to].map(Date.parse);
  if (Number.isNaN(fromMillis) || Number.isNaN(toMillis)) {
    throw new InputError(
      `from is '${from}' and to is '${to}', but both must be ISO 8601 times, such as 2027-01-31T00:00:00Z`,
    );
  }
  if (fromMillis >= toMillis) {
    throw new InputError(
      `from is ${from}, which is not before to, ${to}: swap them`,
    );
  }
  return { fromMillis, toMillis };
}
