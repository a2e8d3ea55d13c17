import type {
  EnvironmentDefinition,
  FreezeWindow,
} from '@greenroom/plugin-ai-registry-common';
import type { RRuleTemporal } from 'rrule-temporal';
import { type Freeze, FreezeCalendar, readRule } from './FreezeCalendar';

/** When things are merged for an environment: in its schedule, where it has one, and in no freeze. */
export class MergeCalendar {
  readonly #freezes: FreezeCalendar | undefined;
  readonly #schedule: { window: FreezeWindow; rule: RRuleTemporal }[];

  /**
   * @param key - of the environment's settings, for messages
   * @throws InputError that names a rule that cannot be read
   */
  constructor(
    {
      freeze,
      schedule = [],
    }: Pick<EnvironmentDefinition, 'freeze' | 'schedule'>,
    key: string,
  ) {
    this.#freezes = freeze && new FreezeCalendar(freeze, `${key}.freeze`);
    this.#schedule = schedule.map((window, index) => ({
      window,
      rule: readRule(window, `${key}.schedule[${index}]`),
    }));
  }

  /** Why nothing is merged; undefined where things may be. */
  find(now: Date): Freeze | undefined {
    return this.#freezes?.find(now) ?? this.#findOutside(now);
  }

  #findOutside(now: Date): Freeze | undefined {
    if (this.#schedule.length === 0 || this.#isOpen(now)) return undefined;
    const coming = this.#schedule
      .flatMap(({ window, rule }) => {
        const next = rule.next(now);
        return next ? [{ window, at: new Date(next.epochMilliseconds) }] : [];
      })
      .sort((a, b) => a.at.getTime() - b.at.getTime());
    const [next] = coming;
    return next
      ? { reason: next.window.reason, until: next.at }
      : { reason: this.#schedule[0].window.reason };
  }

  #isOpen(now: Date): boolean {
    return this.#schedule.some(({ window, rule }) => {
      const begun = rule.previous(now, true);
      return (
        begun !== null &&
        begun.add(window.duration).epochMilliseconds > now.getTime()
      );
    });
  }
}
