import { forEachConcurrently } from '../concurrency';
import type { AnalysisReading, AnalysisSource } from './AnalysisSource';

/** How long a reading is good for. */
const FRESH_MILLIS = 2_000;
const TIMEOUT_MILLIS = 2_000;
/** How long nobody is asked again once a question was not answered: rollouts that need no analysis wait for none. */
const AWAY_MILLIS = 10_000;
const CONCURRENT_READINGS = 4;

/** Reads how comparisons stand, each at most every two seconds, and holds nobody up for longer than one question takes. */
export class AnalysisReader {
  readonly #source: AnalysisSource;
  readonly #clock: () => Date;
  readonly #readings = new Map<
    string,
    { reading: AnalysisReading; atMillis: number }
  >();
  #away: { reading: AnalysisReading; untilMillis: number } | undefined;

  constructor(options: { source: AnalysisSource; clock: () => Date }) {
    this.#source = options.source;
    this.#clock = options.clock;
  }

  /** @returns a reading of each comparison; none of those left when the signal aborts */
  async read(
    comparisonIds: string[],
    signal: AbortSignal,
  ): Promise<Map<string, AnalysisReading>> {
    const wanted = new Set(comparisonIds);
    for (const id of this.#readings.keys()) {
      if (!wanted.has(id)) this.#readings.delete(id);
    }
    const stale = comparisonIds.filter(id => !this.#isFresh(id));
    await forEachConcurrently(stale, CONCURRENT_READINGS, async id => {
      if (signal.aborted) return;
      const reading = await this.#readOne(id, signal);
      const atMillis = this.#clock().getTime();
      this.#readings.set(id, { reading, atMillis });
      if (reading.kind === 'away') {
        this.#away ??= { reading, untilMillis: atMillis + AWAY_MILLIS };
      }
    });
    return new Map(
      comparisonIds.flatMap(id => {
        const known = this.#readings.get(id);
        return known ? [[id, known.reading] as const] : [];
      }),
    );
  }

  async #readOne(id: string, signal: AbortSignal): Promise<AnalysisReading> {
    if (this.#away) {
      if (this.#clock().getTime() < this.#away.untilMillis) {
        return this.#away.reading;
      }
      this.#away = undefined;
    }
    return this.#source.read(
      id,
      AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MILLIS)]),
    );
  }

  #isFresh(id: string): boolean {
    const known = this.#readings.get(id);
    const ageMillis = this.#clock().getTime() - (known?.atMillis ?? 0);
    return known !== undefined && ageMillis < FRESH_MILLIS;
  }
}
