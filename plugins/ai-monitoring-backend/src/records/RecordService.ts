import type { LoggerService } from '@backstage/backend-plugin-api';
import type { BaselineProfile } from '@greenroom/ml-kit';
import type {
  RecordBatch,
  RecordReceipt,
  RefusedRecords,
} from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import type { BaselineSource } from '../baselines/BaselineSource';
import type { ComparisonCounter } from '../comparisons/ComparisonCounter';
import type { OutcomeCounter } from '../outcomes/OutcomeCounter';
import type { RecentRowKeeper } from '../recentRows/createRecentRows';
import { againAfterDeadlock } from '../windows/againAfterDeadlock';
import type { WindowStore } from '../windows/WindowStore';
import type { BatchStore, Growth } from './BatchStore';
import { correctTimes, describeOffset, type TimedBatch } from './clock';
import type { Loss, LossStore } from './LossStore';
import { readRecordBatch } from './readRecordBatch';
import { type FindBaseline, rollUp, unfitSamples } from './rollUp';
import { splitBatch } from './splitBatch';
import type { UpdateSignals } from './UpdateSignals';

/** Bounds what is remembered of producers that come and go. */
const MOST_WARNED = 1_000;

export interface RecordServiceOptions {
  knex: Knex;
  batches: BatchStore;
  windows: WindowStore;
  losses: LossStore;
  baselines: BaselineSource;
  signals: UpdateSignals;
  comparisons: ComparisonCounter;
  outcomes: OutcomeCounter;
  recentRows: RecentRowKeeper;
  logger: LoggerService;
  clock: () => Date;
  /** Largest offset of a data plane's clock that is corrected. */
  maxClockOffsetMillis: number;
  /** How long the oldest windows are kept. */
  keepMillis: number;
}

/** Counts what data planes tell, each batch once. */
export class RecordService {
  readonly #options: RecordServiceOptions;
  /** Producers whose clock was warned of and is still wrong. */
  readonly #warned = new Set<string>();

  constructor(options: RecordServiceOptions) {
    this.#options = options;
  }

  /** @throws what {@link readRecordBatch} does */
  async receive(body: RecordBatch): Promise<RecordReceipt> {
    const { clock, maxClockOffsetMillis, keepMillis } = this.#options;
    const now = clock();
    const timed = correctTimes(readRecordBatch(body), {
      receivedMillis: now.getTime(),
      maxOffsetMillis: maxClockOffsetMillis,
      oldestMillis: now.getTime() - keepMillis,
    });
    this.#warnOfClock(timed);
    const [baselines] = await Promise.all([
      this.#findBaselines(timed.batch),
      this.#options.comparisons.prepare(timed.batch),
      this.#options.outcomes.prepare(timed.batch, now),
    ]);
    const findBaseline: FindBaseline = (model, version) =>
      baselines.get(`${model}/${version}`);
    const refused = [
      ...timed.refused,
      ...unfitSamples(timed.batch, findBaseline),
    ];
    const counted = await this.#count(timed, { now, refused, findBaseline });
    if (!counted) return { accepted: 0, duplicate: true };
    this.#tellPages(timed.batch);
    return {
      accepted: timed.batch.groups.reduce((all, { at }) => all + at.length, 0),
      duplicate: false,
      ...(refused.length > 0 && { refused }),
    };
  }

  /** @returns whether the batch was not counted before */
  #count(
    timed: TimedBatch,
    found: { now: Date; refused: RefusedRecords[]; findBaseline: FindBaseline },
  ): Promise<boolean> {
    const { knex, batches, windows, losses, comparisons } = this.#options;
    const { outcomes, recentRows } = this.#options;
    const { batch, offsetMillis, untimed } = timed;
    const parts = splitBatch(batch);
    return againAfterDeadlock(() =>
      knex.transaction(async tx => {
        await windows.lock(tx, { alone: parts.length > 1 });
        const growth = await batches.markCounted(tx, {
          batch,
          offsetMillis,
          now: found.now,
          refused: sum(found.refused, 'records'),
        });
        if (!growth) return false;
        for (const part of parts) {
          await windows.add(tx, rollUp(part, found.findBaseline));
        }
        const matched = await outcomes.count(tx, {
          batch,
          untimed: untimed.predictions,
          now: found.now,
        });
        await comparisons.count(tx, {
          batch,
          refused: untimed.compared,
          matched,
          now: found.now,
        });
        await recentRows.add(tx, batch);
        for (const loss of lossesOf(batch, growth, found)) {
          await losses.add(tx, loss);
        }
        return true;
      }),
    );
  }

  #tellPages({ environment, groups }: RecordBatch): void {
    for (const { model, version } of groups) {
      this.#options.signals.notify({ environment, model, version });
    }
  }

  /** Once, until the clock is right again. */
  #warnOfClock({ batch, offsetMillis }: TimedBatch): void {
    const { producer, environment } = batch;
    const { logger, maxClockOffsetMillis } = this.#options;
    if (Math.abs(offsetMillis) <= maxClockOffsetMillis) {
      this.#warned.delete(producer);
      return;
    }
    if (this.#warned.has(producer)) return;
    if (this.#warned.size >= MOST_WARNED) this.#warned.clear();
    this.#warned.add(producer);
    logger.warn(
      `The clock of data plane '${producer}' in ${environment} is ${describeOffset(
        offsetMillis,
      )}: its records are refused until it is right (aiMonitoring.records.maxClockOffsetSeconds is ${
        maxClockOffsetMillis / 1_000
      })`,
    );
  }

  async #findBaselines(
    batch: RecordBatch,
  ): Promise<Map<string, BaselineProfile>> {
    const baselines = new Map<string, BaselineProfile>();
    for (const { model, version, samples } of batch.groups) {
      if (version === 0 || samples.length === 0) continue;
      const baseline = await this.#options.baselines.find(model, version);
      if (baseline) baselines.set(`${model}/${version}`, baseline);
    }
    return baselines;
  }
}

function sum(refused: RefusedRecords[], what: 'records' | 'samples'): number {
  return refused.reduce((total, each) => total + each[what], 0);
}

/** What will be missing in the history: what the producer lost, and what was not counted here. */
function lossesOf(
  batch: RecordBatch,
  growth: Growth,
  { now, refused }: { now: Date; refused: RefusedRecords[] },
): Loss[] {
  const { environment, producer, lost } = batch;
  const nowMillis = now.getTime();
  const since = growth.since?.getTime() ?? nowMillis;
  const fromMillis = Math.min(lost.fromMillis ?? since, nowMillis);
  const common = { environment, producer };
  const losses: Loss[] = [];
  if (growth.records + growth.samples > 0) {
    losses.push({
      ...common,
      fromMillis,
      toMillis: Math.max(
        fromMillis,
        Math.min(lost.toMillis ?? nowMillis, nowMillis),
      ),
      records: growth.records,
      samples: growth.samples,
      reason: 'The data plane could not keep or deliver them',
    });
  }
  for (const reason of new Set(refused.map(each => each.reason))) {
    const same = refused.filter(each => each.reason === reason);
    losses.push({
      ...common,
      fromMillis: since,
      toMillis: nowMillis,
      records: sum(same, 'records'),
      samples: sum(same, 'samples'),
      reason,
    });
  }
  return losses;
}
