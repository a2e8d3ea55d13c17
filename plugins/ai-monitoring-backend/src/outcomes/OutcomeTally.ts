import type { OutcomeRecord } from '@greenroom/plugin-ai-inference-common';
import type { MatchedOutcome } from '../comparisons/additionsOf';
import { dayOf, type JoinedOutcome, type KnownRequest } from './outcome';

/** Sums of one day, version and name. */
export interface OutcomeDay {
  day: string;
  version: number;
  name: string;
  matched: number;
  numbers: number;
  sum: number;
  labels: number;
  predicted: number;
}

/** What a batch adds for one model. */
export class OutcomeTally {
  duplicate = 0;
  unmatched = 0;
  late = 0;
  kept = 0;
  shed = 0;
  /** Those that count for a comparison. */
  readonly matched: MatchedOutcome[] = [];
  readonly #model: string;
  readonly #days = new Map<string, OutcomeDay>();

  constructor(options: { model: string }) {
    this.#model = options.model;
  }

  add(
    { name, covariate }: OutcomeRecord,
    request: KnownRequest,
    joined: JoinedOutcome,
  ): void {
    if (joined.kind !== 'joined') {
      this[joined.kind] += 1;
      return;
    }
    const { value, isLabel } = joined;
    const { version, comparison, unit } = request;
    const day = this.#dayOf({ day: dayOf(request.at), version, name });
    day.matched += 1;
    if (isLabel) {
      day.labels += 1;
      day.predicted += value;
    } else {
      day.numbers += 1;
      day.sum += value;
    }
    if (comparison === undefined || unit < 0) return;
    this.matched.push({
      comparison,
      model: this.#model,
      version,
      unit,
      name,
      value,
      covariate,
    });
  }

  /** In the order in which they are written. */
  days(): OutcomeDay[] {
    return [...this.#days]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([_key, day]) => day);
  }

  #dayOf(of: Pick<OutcomeDay, 'day' | 'version' | 'name'>): OutcomeDay {
    const key = `${of.day}/${of.version}/${of.name}`;
    const day = this.#days.get(key) ?? {
      ...of,
      matched: 0,
      numbers: 0,
      sum: 0,
      labels: 0,
      predicted: 0,
    };
    this.#days.set(key, day);
    return day;
  }
}
