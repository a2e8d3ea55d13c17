import type {
  LostRecords,
  RecordBatch,
} from '@greenroom/plugin-ai-inference-common';
import { LossCount, type LostCounts } from './LossCount';
import { BATCH_LIMITS } from './recordWeight';
import {
  contentOf,
  halve,
  isEmpty,
  only,
  timeSpanOf,
  without,
  type BatchContent,
  type Extra,
  type SealedBatch,
  type Weights,
} from './sealedBatch';

/** What became of a batch that was refused. */
export type Refusal = { kind: 'halved' } | ({ kind: 'set-aside' } & LostCounts);

/** Sealed batches of one producer, oldest first, until each has its receipt. */
export class BatchQueue {
  readonly #producer: string;
  readonly #environment: string;
  readonly #batches: SealedBatch[] = [];
  readonly #losses: LossCount;
  #lastSequence: number;
  /** The one that was given out last: its receipt may be on its way. */
  #inFlight: SealedBatch | undefined;
  #records = 0;
  readonly #weights: Weights = { samples: 0, predictions: 0, outcomes: 0 };
  #groups = 0;

  constructor(options: {
    producer: string;
    environment: string;
    /** The next batch gets the number after it. */
    lastSequence?: number;
    losses?: LossCount;
  }) {
    this.#producer = options.producer;
    this.#environment = options.environment;
    this.#lastSequence = options.lastSequence ?? 0;
    this.#losses = options.losses ?? new LossCount();
  }

  get producer(): string {
    return this.#producer;
  }

  get environment(): string {
    return this.#environment;
  }

  get losses(): LossCount {
    return this.#losses;
  }

  get lastSequence(): number {
    return this.#lastSequence;
  }

  get batches(): readonly SealedBatch[] {
    return this.#batches;
  }

  /** Records, and copies of requests, which take as much room. */
  get records(): number {
    return this.#records;
  }

  /** What that weighs which waits and has room of its own. */
  get weights(): Readonly<Weights> {
    return this.#weights;
  }

  get groups(): number {
    return this.#groups;
  }

  append(content: BatchContent): void {
    this.#lastSequence++;
    this.#insert(this.#batches.length, {
      ...content,
      sequence: this.#lastSequence,
      origin: { refusals: 0 },
    });
  }

  /** Appends a batch that has its sequence already. */
  restore(batch: Omit<SealedBatch, 'origin'>): void {
    this.#insert(this.#batches.length, { ...batch, origin: { refusals: 0 } });
  }

  /** The oldest batch; one without records when there is only a loss to tell. */
  head(): SealedBatch | undefined {
    if (this.#batches.length === 0 && this.#losses.untold) {
      this.append(contentOf({ groups: [] }));
    }
    this.#inFlight = this.#batches[0];
    return this.#inFlight;
  }

  toWire(batch: SealedBatch, sentAt: Date): RecordBatch {
    return {
      formatVersion: 2,
      producer: this.#producer,
      sequence: batch.sequence,
      sentAt: sentAt.toISOString(),
      environment: this.#environment,
      lost: this.#losses.say() satisfies LostRecords,
      groups: batch.groups,
      ...(batch.predictions.length > 0 && { predictions: batch.predictions }),
      ...(batch.outcomes.length > 0 && { outcomes: batch.outcomes }),
    };
  }

  /**
   * The batch has arrived, now or before.
   *
   * @param heard - whether what it said of losses was taken down: a receiver that knew the
   *   batch drops it whole
   */
  acknowledge(batch: SealedBatch, heard: boolean): void {
    if (heard) this.#losses.wasHeard();
    this.#remove(batch);
  }

  /** The batch can never arrive as it is: it is halved, or given up. */
  refuse(batch: SealedBatch): Refusal {
    const index = this.#batches.indexOf(batch);
    batch.origin.refusals++;
    const halves =
      batch.origin.refusals < BATCH_LIMITS.refusals ? halve(batch) : undefined;
    if (index !== -1 && halves) {
      this.#remove(batch);
      halves.forEach((parts, half) => {
        this.#lastSequence++;
        this.#insert(index + half, {
          ...contentOf(parts),
          sequence: this.#lastSequence,
          origin: batch.origin,
        });
      });
      return { kind: 'halved' };
    }
    // Nothing can be told by one without records, and it must not come again and again.
    if (isEmpty(batch)) this.#losses.wasHeard();
    const given = new LossCount();
    const spent = batch.origin.refusals >= BATCH_LIMITS.refusals;
    for (const each of [...this.#batches]) {
      if (each !== batch && !(spent && each.origin === batch.origin)) continue;
      this.#giveUp(each);
      given.add(each.counts);
    }
    return { kind: 'set-aside', ...given.counts };
  }

  /** Gives up the oldest records that are not on their way, with what else their groups hold. */
  dropOldest(): boolean {
    const index = this.#batches.findIndex(
      batch => batch !== this.#inFlight && batch.groups.length > 0,
    );
    const batch = this.#batches[index];
    if (batch === undefined) return false;
    const { predictions, outcomes, groups } = batch;
    this.#giveUp(batch, contentOf({ groups }));
    const rest = { groups: [], predictions, outcomes };
    if (!isEmpty(rest)) this.#insert(index, { ...batch, ...contentOf(rest) });
    return true;
  }

  /** Gives up the oldest of one kind that are not on their way. */
  dropOldestOf(kind: Extra): boolean {
    const index = this.#batches.findIndex(
      batch => batch !== this.#inFlight && batch.counts[kind] > 0,
    );
    const batch = this.#batches[index];
    if (batch === undefined) return false;
    this.#remove(batch);
    const lost = { [kind]: batch.counts[kind] };
    this.#losses.add(lost, timeSpanOf(only(kind, batch)));
    const rest = without(kind, batch);
    if (!isEmpty(rest)) this.#insert(index, { ...batch, ...contentOf(rest) });
    return true;
  }

  /** Takes a batch out, and counts what is lost of it: all, unless said otherwise. */
  #giveUp(batch: SealedBatch, lost: BatchContent = batch): void {
    this.#remove(batch);
    this.#losses.add(lost.counts, timeSpanOf(lost));
  }

  #insert(index: number, batch: SealedBatch): void {
    this.#batches.splice(index, 0, batch);
    this.#count(batch, 1);
  }

  #remove(batch: SealedBatch): void {
    const index = this.#batches.indexOf(batch);
    if (index === -1) return;
    this.#batches.splice(index, 1);
    this.#count(batch, -1);
  }

  #count({ counts, weights, groups }: SealedBatch, sign: 1 | -1): void {
    this.#records += sign * (counts.records + counts.copies);
    this.#groups += sign * groups.length;
    this.#weights.samples += sign * weights.samples;
    this.#weights.predictions += sign * weights.predictions;
    this.#weights.outcomes += sign * weights.outcomes;
  }
}
