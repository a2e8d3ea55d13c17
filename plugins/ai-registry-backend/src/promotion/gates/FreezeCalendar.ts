import { InputError, toError } from '@backstage/errors';
import type { FreezeWindow } from '@greenroom/plugin-ai-registry-common';
import { RRuleTemporal } from 'rrule-temporal';

const FREQUENCIES = ['HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];
/** Windows that follow each other without a gap are followed so far. */
const MOST_WINDOWS_IN_A_ROW = 500;

/** The window that is open at a moment. */
export interface Freeze {
  reason: string;
  /** When things may be merged again; undefined where that is further away than anybody plans. */
  until?: Date;
}

/**
 * When nothing is merged. Windows begin by the clocks of their time zones and last for days of its
 * calendar, also when clocks change.
 */
export class FreezeCalendar {
  readonly #windows: { window: FreezeWindow; rule: RRuleTemporal }[];

  /**
   * @param key - of the setting, for messages
   * @throws InputError that names a rule that cannot be read
   */
  constructor(windows: readonly FreezeWindow[], key: string) {
    this.#windows = windows.map((window, index) => ({
      window,
      rule: readRule(window, `${key}[${index}]`),
    }));
  }

  /** Undefined where things may be merged. */
  find(now: Date): Freeze | undefined {
    const first = this.#covering(now);
    if (!first) return undefined;
    const { reason } = first.window;
    let until = first.end;
    for (let count = 0; count < MOST_WINDOWS_IN_A_ROW; count++) {
      const next = this.#covering(until);
      if (!next) return { reason, until };
      until = next.end;
    }
    return { reason };
  }

  /** Of those that are open at a moment, the one that ends last. */
  #covering(at: Date): { window: FreezeWindow; end: Date } | undefined {
    const open = this.#windows.flatMap(({ window, rule }) => {
      const begun = rule.previous(at, true);
      if (!begun) return [];
      const end = new Date(begun.add(window.duration).epochMilliseconds);
      return end > at ? [{ window, end }] : [];
    });
    return open.sort((a, b) => b.end.getTime() - a.end.getTime())[0];
  }
}

/** @throws InputError that names the setting */
export function readRule(window: FreezeWindow, key: string): RRuleTemporal {
  const rule = window.rrule.replace(/^RRULE:/i, '').toUpperCase();
  const frequency = /(?:^|;)FREQ=([A-Z]+)/.exec(rule)?.[1];
  if (/[\r\n]/.test(rule) || !frequency || !FREQUENCIES.includes(frequency)) {
    throw new InputError(
      `${key}.rrule is '${
        window.rrule
      }': expected one rule of RFC 5545 with FREQ=${FREQUENCIES.join(
        ', ',
      )}, such as FREQ=WEEKLY;BYDAY=FR`,
    );
  }
  const seconds =
    window.start.length === 'YYYY-MM-DDTHH:MM'.length ? ':00' : '';
  const start = `${window.start}${seconds}`.replace(/[-:]/g, '');
  try {
    const read = new RRuleTemporal({
      rruleString: `DTSTART;TZID=${window.timeZone}:${start}\nRRULE:${rule}`,
      strict: true,
    });
    // What cannot be counted through is to be found at the start, and not when it is needed.
    read.next(new Date());
    return read;
  } catch (error) {
    throw new InputError(
      `${key} is no rule that can be followed: ${
        toError(error).message
      }. Its rrule is '${window.rrule}', its start ${window.start}`,
    );
  }
}
