import type {
  RecordGroup,
  RecordSample,
} from '@greenroom/plugin-ai-inference-common';
import type { TokenCounts } from '../domain/LanguageModel';
import { BatchQueue } from './BatchQueue';
import {
  BATCH_LIMITS,
  groupWeight,
  RECORD_WEIGHT,
  sampleWeight,
} from './recordWeight';

/** A batch is sealed at this weight, so that a last record and its group still fit. */
const FULL_WEIGHT = BATCH_LIMITS.weight - 100;
/** Waiting records are given up in portions of this share of the whole. */
const BATCHES_WHEN_FULL = 50;
/** Room for the samples that wait, for each record that may: as much as a record takes. */
const SAMPLE_WEIGHT_PER_RECORD = RECORD_WEIGHT;
/** A group takes as much memory as about so many records. */
const RECORDS_PER_GROUP = 5;

/** What few records have. */
export interface RecordMarks {
  /** Whether it was for another model, which could not answer. */
  isFallback?: boolean;
  /** Whether it was refused for a limit of its key. */
  isLimited?: boolean;
}

interface OpenBatch {
  groups: Map<string, Map<number, RecordGroup>>;
  groupCount: number;
  /** What the groups add to the batch's JSON. */
  groupWeight: number;
  records: number;
  samples: number;
  sampleWeight: number;
}

/**
 * Records on their way to the control plane. Memory is bounded, for records and for copied
 * rows apart: when the receiver stays away, the oldest of a kind that are not being sent
 * give way and are counted. Rows never take the place of records.
 */
export class RecordBuffer {
  /** Sealed batches. */
  readonly queue: BatchQueue;
  readonly #maxRecords: number;
  readonly #maxSampleWeight: number;
  readonly #maxGroups: number;
  #open: OpenBatch = emptyBatch();

  constructor(options: {
    producer: string;
    environment: string;
    /** Most records that wait at any time. */
    maxRecords: number;
  }) {
    const { maxRecords } = options;
    this.queue = new BatchQueue(options);
    this.#maxRecords = maxRecords;
    this.#maxSampleWeight = maxRecords * SAMPLE_WEIGHT_PER_RECORD;
    this.#maxGroups = Math.max(
      2 * BATCH_LIMITS.groups,
      maxRecords / RECORDS_PER_GROUP,
    );
  }

  /** Records that wait, sent or not. */
  get size(): number {
    return this.queue.records + this.#open.records;
  }

  /**
   * @param atMillis - milliseconds since the epoch
   * @param tokens - of a request to a language model
   */
  add(
    model: string,
    version: number,
    atMillis: number,
    latencyMicros: number,
    status: number,
    rows: number,
    tokens?: TokenCounts,
    marks: RecordMarks = {},
  ): void {
    const group = this.#group(model, version);
    group.at.push(atMillis);
    group.latencyMicros.push(latencyMicros);
    group.status.push(status);
    addTokens(group, tokens);
    addMark(group, 'fallbacks', marks.isFallback ?? false);
    addMark(group, 'limited', marks.isLimited ?? false);
    group.rows.push(rows);
    this.#open.records++;
    if (
      this.#openWeight >= FULL_WEIGHT ||
      this.#open.records * BATCHES_WHEN_FULL >= this.#maxRecords
    ) {
      this.seal();
    }
    if (this.size <= this.#maxRecords) return;
    if (this.queue.batches.length < 2) this.seal();
    this.queue.dropOldest();
  }

  addSample(model: string, version: number, sample: RecordSample): void {
    const weight = sampleWeight(sample);
    // What is sealed when it is full must not exceed the limit by a large sample.
    if (this.#openWeight + weight > FULL_WEIGHT) this.seal();
    this.#group(model, version).samples.push(sample);
    this.#open.samples++;
    this.#open.sampleWeight += weight;
    if (this.#open.sampleWeight * BATCHES_WHEN_FULL >= this.#maxSampleWeight) {
      this.seal();
    }
    while (this.queue.sampleWeight > this.#maxSampleWeight) {
      if (!this.queue.dropOldestSamples()) return;
    }
  }

  /** Closes the batch that is being filled. */
  seal(): void {
    const { groups, records, samples, sampleWeight: weight } = this.#open;
    if (groups.size === 0) return;
    this.queue.append({
      groups: [...groups.values()].flatMap(versions => [...versions.values()]),
      records,
      samples,
      sampleWeight: weight,
    });
    this.#open = emptyBatch();
    while (this.queue.groups > this.#maxGroups && this.queue.dropOldest());
  }

  get #openWeight(): number {
    const {
      records,
      groupWeight: ofGroups,
      sampleWeight: ofSamples,
    } = this.#open;
    return records * RECORD_WEIGHT + ofGroups + ofSamples;
  }

  #group(model: string, version: number): RecordGroup {
    const found = this.#open.groups.get(model)?.get(version);
    if (found !== undefined) return found;
    if (this.#open.groupCount >= BATCH_LIMITS.groups) this.seal();
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
    this.#open.groupCount++;
    this.#open.groupWeight += groupWeight(group);
    return group;
  }
}

/** Before the record is counted. Most groups never have these columns. */
function addTokens(group: RecordGroup, tokens: TokenCounts | undefined): void {
  if (tokens !== undefined && group.inputTokens === undefined) {
    const before = group.rows.length;
    group.inputTokens = new Array<number>(before).fill(0);
    group.outputTokens = new Array<number>(before).fill(0);
  }
  group.inputTokens?.push(tokens?.input ?? 0);
  group.outputTokens?.push(tokens?.output ?? 0);
}

/** Before the record is counted, too. */
function addMark(
  group: RecordGroup,
  column: 'fallbacks' | 'limited',
  isMarked: boolean,
): void {
  if (isMarked) {
    group[column] ??= new Array<number>(group.rows.length).fill(0);
  }
  group[column]?.push(isMarked ? 1 : 0);
}

function emptyBatch(): OpenBatch {
  return {
    groups: new Map(),
    groupCount: 0,
    groupWeight: 0,
    records: 0,
    samples: 0,
    sampleWeight: 0,
  };
}
