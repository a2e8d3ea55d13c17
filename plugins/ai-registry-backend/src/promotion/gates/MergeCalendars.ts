import type { Environments } from '@greenroom/plugin-ai-registry-common';
import type { Freeze } from './FreezeCalendar';
import { MergeCalendar } from './MergeCalendar';

/** When things are merged for each environment. */
export class MergeCalendars {
  readonly #calendars: ReadonlyMap<string, MergeCalendar>;

  /** @throws InputError that names a rule that cannot be read */
  constructor(environments: Environments) {
    this.#calendars = new Map(
      environments.all.map((environment, index) => [
        environment.name,
        new MergeCalendar(environment, `greenroom.environments[${index}]`),
      ]),
    );
  }

  /** Undefined where things may be merged. */
  find(environment: string, now: Date): Freeze | undefined {
    return this.#calendars.get(environment)?.find(now);
  }
}
