import type {
  RecordBatch,
  RecordGroup,
  RecordSample,
} from '@greenroom/plugin-ai-inference-common';
import {
  BATCH_LIMITS,
  groupWeight,
  RECORD_WEIGHT,
  sampleWeight,
} from './recordWeight';

/** A batch is sealed at this weight, so that a last record and its group still fit. */
const FULL_WEIGHT = BATCH_LIMITS.weight - 100;
/** Waiting records are given up in portions of this share of the whole. */
const BATCHES_WHEN_FULL = 10;

interface OpenBatch {
  groups: Map<string, Map<number, RecordGroup>>;
  groupCount: number;
  /** What the groups add to the batch's JSON; they take no memory to speak of. */
  groupWeight: number;
  records: number;
  samples: number;
  numbers: number;
}

/** A batch that is waiting for its receipt. It keeps its sequence and content until then. */
export interface SealedBatch {
  sequence: number;
  groups: RecordGroup[];
  records: number;
  samples: number;
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
  #droppedSamples = 0;

  constructor(options: {
    producer: string;
    environment: string;
    /** Most records that wait at any time; copied rows take the place of some. */
    maxRecords: number;
  }) {
    this.#producer = options.producer;
    this.#environment = options.environment;
    this.#maxNumbers = options.maxRecords * RECORD_WEIGHT;
    this.#maxBatchNumbers = this.#maxNumbers / BATCHES_WHEN_FULL;
  }

  get droppedTotal(): number {
    return this.#droppedTotal;
  }

  /** Records that wait, sent or not. */
  get size(): number {
    return this.#sealedRecords + this.#open.records;
  }

  /** Batches that are sealed and wait. */
  get waitingBatches(): number {
    return this.#sealed.length;
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
    this.#count(1, RECORD_WEIGHT);
  }

  addSample(model: string, version: number, sample: RecordSample): void {
    const weight = sampleWeight(sample);
    // What is sealed when it is full must not exceed the limit by a large sample.
    if (this.#openWeight + weight > FULL_WEIGHT) this.#seal();
    this.#group(model, version).samples.push(sample);
    this.#open.samples += 1;
    this.#count(0, weight);
  }

  /** Closes the batch that is being filled and returns the oldest one that waits. */
  head(): SealedBatch | undefined {
    if (this.#sealed.length === 0) this.#seal();
    return this.#sealed[0];
  }

  toWire(batch: SealedBatch, sentAt: Date): RecordBatch {
    return {
      formatVersion: 2,
      producer: this.#producer,
      sequence: batch.sequence,
      sentAt: sentAt.toISOString(),
      environment: this.#environment,
      lost: { total: this.#droppedTotal, samples: this.#droppedSamples },
      groups: batch.groups,
    };
  }

  /** The batch has arrived. */
  acknowledge(batch: SealedBatch): void {
    this.#remove(batch);
  }

  /** The batch can never arrive. */
  discard(batch: SealedBatch): void {
    if (!this.#remove(batch)) return;
    this.#droppedTotal += batch.records;
    this.#droppedSamples += batch.samples;
  }

  get #openWeight(): number {
    return this.#open.numbers + this.#open.groupWeight;
  }

  #group(model: string, version: number): RecordGroup {
    const found = this.#open.groups.get(model)?.get(version);
    if (found !== undefined) return found;
    if (this.#open.groupCount >= BATCH_LIMITS.groups) this.#seal();
    let versions = this.#open.groups.get(model);
    if (versions === undefined) {
      versions = new Map();
      this.#open.groups.set(model, versions);
    }
    const group: RecordGroup = {
      model,
      version,
      at: [],
      latencyMicros: [],
      status: [],
      rows: [],
      samples: [],
    };
    versions.set(version, group);
    this.#open.groupCount += 1;
    this.#open.groupWeight += groupWeight(group);
    return group;
  }

  #count(records: number, numbers: number): void {
    this.#open.records += records;
    this.#open.numbers += numbers;
    if (
      this.#open.numbers >= this.#maxBatchNumbers ||
      this.#openWeight >= FULL_WEIGHT
    ) {
      this.#seal();
    }
    while (this.#sealedNumbers + this.#open.numbers > this.#maxNumbers) {
      this.#makeRoom();
    }
  }

  #seal(): void {
    const { groups, records, samples, numbers } = this.#open;
    if (groups.size === 0) return;
    this.#lastSequence++;
    this.#sealed.push({
      sequence: this.#lastSequence,
      groups: [...groups.values()].flatMap(versions => [...versions.values()]),
      records,
      samples,
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
  return {
    groups: new Map(),
    groupCount: 0,
    groupWeight: 0,
    records: 0,
    samples: 0,
    numbers: 0,
  };
}
