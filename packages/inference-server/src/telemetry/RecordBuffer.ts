import type {
  OutcomeRecord,
  PredictionRecord,
  RecordCopies,
  RecordGroup,
  RecordSample,
} from '@greenroom/plugin-ai-inference-common';
import type { TokenCounts } from '../domain/LanguageModel';
import { BatchQueue } from './BatchQueue';
import {
  BATCH_LIMITS,
  groupWeight,
  outcomeWeight,
  predictionWeight,
  RECORD_WEIGHT,
  sampleWeight,
} from './recordWeight';
import type { BatchContent, Extra } from './sealedBatch';

/** A batch is sealed at this weight, so that a last record and its group still fit. */
const FULL_WEIGHT = BATCH_LIMITS.weight - 100;
/** Waiting records are given up in portions of this share of the whole. */
const BATCHES_WHEN_FULL = 50;
/** Room for the samples that wait, for each record that may: as much as a record takes. Others have as much. */
const EXTRA_WEIGHT_PER_RECORD = RECORD_WEIGHT;
/** A group takes as much memory as about so many records. */
const RECORDS_PER_GROUP = 5;

/** What few records have. */
export interface RecordMarks {
  /** Whether it was for another model, which could not answer. */
  isFallback?: boolean;
  /** Whether it was refused for a limit of its key. */
  isLimited?: boolean;
  /** The comparison that it was made under; `unit` says whether it counts. */
  comparison?: string;
  unit?: number;
}

/** A copy of a request that a shadow answered. */
export interface CopyRecord {
  model: string;
  /** The shadow's. */
  version: number;
  comparison: string;
  atMillis: number;
  unit: number;
  latencyMicros: number;
  status: number;
  agrees: 1 | 0 | -1;
}

interface OpenBatch extends Omit<BatchContent, 'groups'> {
  /** Of one version one for each comparison. */
  groups: Map<string, Map<number, RecordGroup[]>>;
  groupCount: number;
  /** What the groups add to the batch's JSON. */
  groupWeight: number;
}

/**
 * Records on their way to the control plane. Memory is bounded, for records, copied rows,
 * requests that can be given an outcome, and outcomes apart: when the receiver stays away, the
 * oldest of a kind that are not being sent give way and are counted. None takes the place of another.
 */
export class RecordBuffer {
  /** Sealed batches. */
  readonly queue: BatchQueue;
  readonly #maxRecords: number;
  readonly #maxExtraWeight: number;
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
    this.#maxExtraWeight = maxRecords * EXTRA_WEIGHT_PER_RECORD;
    this.#maxGroups = Math.max(
      2 * BATCH_LIMITS.groups,
      maxRecords / RECORDS_PER_GROUP,
    );
  }

  /** Records that wait, sent or not, with copies of requests. */
  get size(): number {
    return this.queue.records + this.#openRecords;
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
    const { comparison } = marks;
    const group = this.#group(model, version, comparison);
    group.at.push(atMillis);
    group.latencyMicros.push(latencyMicros);
    group.status.push(status);
    addTokens(group, tokens);
    addMark(group, 'fallbacks', marks.isFallback ?? false);
    addMark(group, 'limited', marks.isLimited ?? false);
    group.rows.push(rows);
    if (comparison !== undefined) group.units?.push(marks.unit ?? 0);
    this.#open.counts.records++;
    this.#onRecord();
  }

  /** A shadow has answered a copy of a request. */
  addCopy(copy: CopyRecord): void {
    const copies = this.#copies(copy);
    copies.at.push(copy.atMillis);
    copies.units.push(copy.unit);
    copies.latencyMicros.push(copy.latencyMicros);
    copies.status.push(copy.status);
    copies.agrees.push(copy.agrees);
    this.#open.counts.copies++;
    this.#onRecord();
  }

  /** A request was not copied though it was to be. */
  addLeftOutCopy(of: Pick<CopyRecord, 'model' | 'version' | 'comparison'>) {
    this.#copies(of).leftOut++;
  }

  addSample(model: string, version: number, sample: RecordSample): void {
    this.#addExtra('samples', sampleWeight(sample), () => {
      const group =
        this.#open.groups.get(model)?.get(version)?.[0] ??
        this.#group(model, version, undefined);
      group.samples.push(sample);
    });
  }

  addPrediction(prediction: PredictionRecord): void {
    this.#addExtra('predictions', predictionWeight(prediction), () =>
      this.#open.predictions.push(prediction),
    );
  }

  addOutcome(outcome: OutcomeRecord): void {
    this.#addExtra('outcomes', outcomeWeight(outcome), () =>
      this.#open.outcomes.push(outcome),
    );
  }

  /** Closes the batch that is being filled. */
  seal(): void {
    const { groups, predictions, outcomes, counts, weights } = this.#open;
    if (groups.size + predictions.length + outcomes.length === 0) return;
    this.queue.append({
      groups: [...groups.values()].flatMap(versions =>
        [...versions.values()].flat(),
      ),
      predictions,
      outcomes,
      counts,
      weights,
    });
    this.#open = emptyBatch();
    while (this.queue.groups > this.#maxGroups && this.queue.dropOldest());
  }

  #addExtra(kind: Extra, weight: number, add: () => void): void {
    const { counts } = this.#open;
    // What is sealed when it is full must not exceed the limit by a large one.
    if (
      this.#openWeight + weight > FULL_WEIGHT ||
      (kind !== 'samples' && counts[kind] >= BATCH_LIMITS[kind])
    ) {
      this.seal();
    }
    add();
    this.#open.counts[kind]++;
    this.#open.weights[kind] += weight;
    if (this.#open.weights[kind] * BATCHES_WHEN_FULL >= this.#maxExtraWeight) {
      this.seal();
    }
    while (this.queue.weights[kind] > this.#maxExtraWeight) {
      if (!this.queue.dropOldestOf(kind)) return;
    }
  }

  #onRecord(): void {
    if (
      this.#openWeight >= FULL_WEIGHT ||
      this.#openRecords * BATCHES_WHEN_FULL >= this.#maxRecords
    ) {
      this.seal();
    }
    if (this.size <= this.#maxRecords) return;
    if (this.queue.batches.length < 2) this.seal();
    this.queue.dropOldest();
  }

  get #openRecords(): number {
    const { records, copies } = this.#open.counts;
    return records + copies;
  }

  get #openWeight(): number {
    const { groupWeight: ofGroups, weights } = this.#open;
    const ofExtras = weights.samples + weights.predictions + weights.outcomes;
    return this.#openRecords * RECORD_WEIGHT + ofGroups + ofExtras;
  }

  #group(
    model: string,
    version: number,
    comparison: string | undefined,
  ): RecordGroup {
    const found = this.#open.groups.get(model)?.get(version);
    if (found !== undefined) {
      for (let i = 0; i < found.length; i++) {
        if (found[i].comparison === comparison) return found[i];
      }
    }
    return this.#addGroup({
      model,
      version,
      at: [],
      latencyMicros: [],
      status: [],
      rows: [],
      ...(comparison !== undefined && { comparison, units: [] }),
      samples: [],
    });
  }

  #addGroup(group: RecordGroup): RecordGroup {
    if (this.#open.groupCount >= BATCH_LIMITS.groups) this.seal();
    const { model, version } = group;
    let versions = this.#open.groups.get(model);
    if (versions === undefined) {
      versions = new Map();
      this.#open.groups.set(model, versions);
    }
    const same = versions.get(version);
    if (same === undefined) versions.set(version, [group]);
    else same.push(group);
    this.#open.groupCount++;
    this.#open.groupWeight += groupWeight(group);
    return group;
  }

  /** The open copies of a version and a comparison. */
  #copies({
    model,
    version,
    comparison,
  }: Pick<CopyRecord, 'model' | 'version' | 'comparison'>): RecordCopies {
    const found = this.#open.groups.get(model)?.get(version) ?? [];
    for (const { copies } of found) {
      if (copies?.comparison === comparison) return copies;
    }
    const group =
      found.find(({ copies }) => copies === undefined) ??
      this.#addGroup({
        model,
        version,
        at: [],
        latencyMicros: [],
        status: [],
        rows: [],
        samples: [],
      });
    const before = groupWeight(group);
    group.copies = {
      comparison,
      at: [],
      units: [],
      latencyMicros: [],
      status: [],
      agrees: [],
      leftOut: 0,
    };
    this.#open.groupWeight += groupWeight(group) - before;
    return group.copies;
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
    predictions: [],
    outcomes: [],
    counts: { records: 0, samples: 0, copies: 0, predictions: 0, outcomes: 0 },
    weights: { samples: 0, predictions: 0, outcomes: 0 },
  };
}
