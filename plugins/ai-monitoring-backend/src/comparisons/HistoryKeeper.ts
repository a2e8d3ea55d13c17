import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { JudgingTurn } from '../health/JudgingTurn';
import type { ComparisonService } from './ComparisonService';
import type { ComparisonStore } from './ComparisonStore';
import { isPointDue, toPoint } from './historyPoints';
import type { PointStore } from './PointStore';

/** Comparisons are looked at while records of them come, and a while after. */
const LATELY_MILLIS = 10 * 60_000;
const MOST_AT_A_TIME = 200;

/** Remembers how comparisons stand, now and then; one control plane at a time. */
export class HistoryKeeper {
  readonly #options: {
    store: ComparisonStore;
    points: PointStore;
    service: ComparisonService;
    turn: JudgingTurn;
    restMillis: number;
    keepMillis: number;
    clock: () => Date;
    logger: LoggerService;
  };

  constructor(options: {
    store: ComparisonStore;
    points: PointStore;
    service: ComparisonService;
    turn: JudgingTurn;
    /** Nobody looks again before that. */
    restMillis: number;
    /** How long a comparison is kept after its last record. */
    keepMillis: number;
    clock: () => Date;
    logger: LoggerService;
  }) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { turn, restMillis } = this.#options;
    if (!(await turn.take())) return;
    try {
      await this.#keep(signal);
    } finally {
      await turn.giveBack(restMillis);
    }
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const { store, points, clock, keepMillis, turn } = this.#options;
    const nowMillis = clock().getTime();
    await store.forgetBefore(new Date(nowMillis - keepMillis));
    const since = new Date(nowMillis - LATELY_MILLIS);
    const counted = await store.listCountedSince(since, MOST_AT_A_TIME);
    const last = await points.listLast(counted.map(({ id }) => id));
    for (const { id, startedAt } of counted) {
      if (signal.aborted || !(await turn.renew())) return;
      const times = {
        startMillis: Date.parse(startedAt),
        lastMillis: last.get(id),
        nowMillis,
      };
      if (isPointDue(times)) await this.#addPoint(id);
    }
  }

  /** One that cannot be read does not keep the others from being remembered. */
  async #addPoint(id: string): Promise<void> {
    const { service, points, logger } = this.#options;
    try {
      const point = toPoint(await service.getReport(id));
      // Its plan is known a moment before the first of its requests is counted.
      if (point.units.every(({ units }) => units === 0)) return;
      await points.add(id, point);
    } catch (error) {
      logger.warn(
        `How comparison '${id}' stands could not be remembered`,
        toError(error),
      );
    }
  }
}
