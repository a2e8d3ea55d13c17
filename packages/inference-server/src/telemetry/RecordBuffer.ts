import type {
  RecordBatch,
  RecordGroup,
  RecordSample,
} from '@greenroom/plugin-ai-inference-common';

/** Numbers in one batch, so that its JSON stays far below what the receiver takes. */
const MAX_BATCH_NUMBERS = 400_000;
/** Columns of a record. */
const NUMBERS_PER_RECORD = 4;
/** Waiting records are given up in portions of this share of the whole. */
const BATCHES_WHEN_FULL = 10;

interface OpenBatch {
  groups: Map<string, Map<number, RecordGroup>>;
  records: number;
  numbers: number;
}

/** A batch that is waiting for its receipt. It keeps its sequence and content until then. */
export interface SealedBatch {
  sequence: number;
  groups: RecordGroup[];
  records: number;
  /** How much it weighs: numbers in its columns and samples. */
  numbers: number;
}

/**
 * Records on their way to the control plane. Memory is bounded: when the receiver stays
 * away, the oldest batch that is not being sent gives way and its records are counted.
 */
export class RecordBuffer {
  readonly #producer: string;
  readonly #environment: string;
  readonly #maxNumbers: number;
  readonly #maxBatchNumbers: number;
  #open: OpenBatch = emptyBatch();
  readonly #sealed: SealedBatch[] = [];
  #sealedRecords = 0;
  #sealedNumbers = 0;
  #lastSequence = 0;
  #droppedTotal = 0;

  constructor(options: {
    producer: string;
    environment: string;
    /** Most records that wait at any time; copied rows take the place of some. */
    maxRecords: number;
  }) {
    this.#producer = options.producer;
    this.#environment = options.environment;
    this.#maxNumbers = options.maxRecords * NUMBERS_PER_RECORD;
    this.#maxBatchNumbers = Math.min(
      MAX_BATCH_NUMBERS,
      this.#maxNumbers / BATCHES_WHEN_FULL,
    );
  }

  get droppedTotal(): number {
    return this.#droppedTotal;
  }

  /** Records that wait, sent or not. */
  get size(): number {
    return this.#sealedRecords + this.#open.records;
  }

  /**
   * @param atMillis - milliseconds since the epoch
   */
  add(
    model: string,
    version: number,
    atMillis: number,
    latencyMicros: number,
    status: number,
    rows: number,
  ): void {
    const group = this.#group(model, version);
    group.at.push(atMillis);
    group.latencyMicros.push(latencyMicros);
    group.status.push(status);
    group.rows.push(rows);
    this.#count(1, NUMBERS_PER_RECORD);
  }

  addSample(model: string, version: number, sample: RecordSample): void {
    this.#group(model, version).samples.push(sample);
    this.#count(0, sample.features.length + 2);
  }

  /** Closes the batch that is being filled and returns the oldest one that waits. */
  head(): SealedBatch | undefined {
    if (this.#sealed.length === 0) this.#seal();
    return this.#sealed[0];
  }

  toWire(batch: SealedBatch, sentAt: Date): RecordBatch {
    return {
      formatVersion: 1,
      producer: this.#producer,
      sequence: batch.sequence,
      sentAt: sentAt.toISOString(),
      environment: this.#environment,
      droppedTotal: this.#droppedTotal,
      groups: batch.groups,
    };
  }

  /** The batch has arrived. */
  acknowledge(batch: SealedBatch): void {
    this.#remove(batch);
  }

  /** The batch can never arrive. */
  discard(batch: SealedBatch): void {
    if (this.#remove(batch)) this.#droppedTotal += batch.records;
  }

  #group(model: string, version: number): RecordGroup {
    let versions = this.#open.groups.get(model);
    if (versions === undefined) {
      versions = new Map();
      this.#open.groups.set(model, versions);
    }
    let group = versions.get(version);
    if (group === undefined) {
      group = {
        model,
        version,
        at: [],
        latencyMicros: [],
        status: [],
        rows: [],
        samples: [],
      };
      versions.set(version, group);
    }
    return group;
  }

  #count(records: number, numbers: number): void {
    this.#open.records += records;
    this.#open.numbers += numbers;
    if (this.#open.numbers >= this.#maxBatchNumbers) this.#seal();
    while (this.#sealedNumbers + this.#open.numbers > this.#maxNumbers) {
      this.#makeRoom();
    }
  }

  #seal(): void {
    const { groups, records, numbers } = this.#open;
    if (groups.size === 0) return;
    this.#lastSequence++;
    this.#sealed.push({
      sequence: this.#lastSequence,
      groups: [...groups.values()].flatMap(versions => [...versions.values()]),
      records,
      numbers,
    });
    this.#sealedRecords += records;
    this.#sealedNumbers += numbers;
    this.#open = emptyBatch();
  }

  /** Drops the oldest batch but the first one, whose receipt may be on its way. */
  #makeRoom(): void {
    if (this.#sealed.length < 2) this.#seal();
    const victim = this.#sealed[1] ?? this.#sealed[0];
    if (victim) this.discard(victim);
  }

  #remove(batch: SealedBatch): boolean {
    const index = this.#sealed.indexOf(batch);
    if (index === -1) return false;
    this.#sealed.splice(index, 1);
    this.#sealedRecords -= batch.records;
    this.#sealedNumbers -= batch.numbers;
    return true;
  }
}

function emptyBatch(): OpenBatch {
  return { groups: new Map(), records: 0, numbers: 0 };
}
