import type {
  LostRecords,
  RecordBatch,
} from '@greenroom/plugin-ai-inference-common';
import { LossCount } from './LossCount';
import { BATCH_LIMITS } from './recordWeight';
import {
  contentOf,
  halve,
  timeSpanOf,
  withoutSamples,
  type BatchContent,
  type SealedBatch,
} from './sealedBatch';

/** What became of a batch that was refused. */
export type Refusal =
  | { kind: 'halved' }
  | { kind: 'set-aside'; records: number; samples: number };

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
  #sampleWeight = 0;
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

  get records(): number {
    return this.#records;
  }

  /** What the waiting samples weigh. */
  get sampleWeight(): number {
    return this.#sampleWeight;
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
      this.append(contentOf([]));
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
      batch.origin.refusals < BATCH_LIMITS.refusals
        ? halve(batch.groups)
        : undefined;
    if (index !== -1 && halves) {
      this.#remove(batch);
      halves.forEach((groups, half) => {
        this.#lastSequence++;
        this.#insert(index + half, {
          ...contentOf(groups),
          sequence: this.#lastSequence,
          origin: batch.origin,
        });
      });
      return { kind: 'halved' };
    }
    // Nothing can be told by one without records, and it must not come again and again.
    if (batch.groups.length === 0) this.#losses.wasHeard();
    const given = { kind: 'set-aside' as const, records: 0, samples: 0 };
    const spent = batch.origin.refusals >= BATCH_LIMITS.refusals;
    for (const each of [...this.#batches]) {
      if (each !== batch && !(spent && each.origin === batch.origin)) continue;
      this.#giveUp(each);
      given.records += each.records;
      given.samples += each.samples;
    }
    return given;
  }

  /** Gives up the oldest batch that is not on its way. */
  dropOldest(): boolean {
    const victim = this.#batches.find(batch => batch !== this.#inFlight);
    if (victim) this.#giveUp(victim);
    return victim !== undefined;
  }

  /** Gives up the oldest samples that are not on their way. */
  dropOldestSamples(): boolean {
    const index = this.#batches.findIndex(
      batch => batch !== this.#inFlight && batch.samples > 0,
    );
    const batch = this.#batches[index];
    if (batch === undefined) return false;
    this.#remove(batch);
    const rows = batch.groups.map(group => ({ ...group, at: [] }));
    this.#losses.add({ records: 0, samples: batch.samples }, timeSpanOf(rows));
    if (batch.records > 0) {
      const groups = withoutSamples(batch.groups);
      this.#insert(index, { ...batch, ...contentOf(groups) });
    }
    return true;
  }

  #giveUp(batch: SealedBatch): void {
    this.#remove(batch);
    this.#losses.add(batch, timeSpanOf(batch.groups));
  }

  #insert(index: number, batch: SealedBatch): void {
    this.#batches.splice(index, 0, batch);
    this.#records += batch.records;
    this.#sampleWeight += batch.sampleWeight;
    this.#groups += batch.groups.length;
  }

  #remove(batch: SealedBatch): void {
    const index = this.#batches.indexOf(batch);
    if (index === -1) return;
    this.#batches.splice(index, 1);
    this.#records -= batch.records;
    this.#sampleWeight -= batch.sampleWeight;
    this.#groups -= batch.groups.length;
  }
}
