/**
 * What happened to requests, as the data plane tells the control plane: columns instead of
 * objects, because ten thousand requests a second have to be told cheaply.
 *
 * Delivery is at least once. A batch is identified by `producer` and `sequence`; a receiver
 * that has counted the pair answers `duplicate` and drops the batch, so each record counts
 * once.
 *
 * A batch that is refused with 400, 413 or 422 is refused whole: nothing of it was counted,
 * and sending it again as it is cannot help. Its sender halves it, each half with a new
 * sequence number of its own, and sends those; a part with one record or sample that is still
 * refused is set aside and counted as lost. So one poisonous record costs itself and about
 * 2 log2(n) requests; a sender stops halving after {@link RECORD_LIMITS}`.refusals` of one
 * batch and sets aside what is left of it, and goes on with what waits behind. Any other
 * failure is repeated as it is.
 */
export interface RecordBatch {
  /** 1: before features could be texts, booleans or missing; the receiver still takes it. */
  formatVersion: 2;
  /** One per process start of a data plane. */
  producer: string;
  /** 1, 2, 3, ... within the producer; parts of a halved batch get new ones. */
  sequence: number;
  /** The producer's clock at this very attempt, ISO 8601: the receiver measures the clock's offset by it. */
  sentAt: string;
  environment: string;
  lost: LostRecords;
  /** At most {@link RECORD_LIMITS}`.groups`. */
  groups: RecordGroup[];
}

/**
 * What a producer had to give up or could not deliver since it started. The numbers only grow,
 * so they may be told again; the receiver shows each growth as a hole in the history. What a
 * receipt names as refused is counted by the receiver and does not belong here.
 */
export interface LostRecords {
  /** Records. */
  total: number;
  /** Copied rows. */
  samples: number;
  /**
   * When the oldest and the youngest of those happened that were lost since the last batch
   * that was answered, in milliseconds since the epoch by the producer's clock. Left out,
   * they are taken to lie between the last two batches.
   */
  fromMillis?: number;
  toMillis?: number;
}

/** Records of one model version. The columns have one entry a request. */
export interface RecordGroup {
  model: string;
  /** 0 when the request named no version that exists. */
  version: number;
  /** Milliseconds since the epoch. */
  at: number[];
  /** From the first byte of the request to the last byte of the response handed over, in microseconds. */
  latencyMicros: number[];
  /** HTTP status (gRPC codes are mapped). */
  status: number[];
  /** Input rows in the request. */
  rows: number[];
  /**
   * Tokens of the request and of the answer, as whoever ran the model counted them; 0 where
   * nobody did. Left out, both, for a group without a request to a language model.
   */
  inputTokens?: number[];
  outputTokens?: number[];
  /**
   * 1 where the request was for another model, which could not answer, else 0. Left out for a
   * group without such a request.
   */
  fallbacks?: number[];
  /**
   * 1 where the request was refused for a limit of its caller's key, before anything was asked,
   * else 0. Left out for a group without such a request.
   */
  limited?: number[];
  /** Copied input rows, at most `recordedRowsPerSecond`; may be empty. */
  samples: RecordSample[];
}

/**
 * A feature's value as JSON can carry it. null is missing, which NaN is too; the infinities are
 * the texts `Infinity` and `-Infinity`; integers beyond 2^53 are texts; a longer text is cut to
 * {@link RECORD_LIMITS}`.textCharacters`.
 */
export type SampleValue = number | string | boolean | null;

export interface RecordSample {
  /** Milliseconds since the epoch. */
  at: number;
  /** One value for each of the version's `schema.features`, in their order: a row is never left out for one value. */
  features: SampleValue[];
  /** Class label or index, or number; undefined when the version declares no prediction. */
  prediction?: number | string;
}

/**
 * What a batch may hold at most. A data plane seals its batches within these bounds, and the
 * receiver refuses what exceeds them with 413 before it costs anything.
 */
export const RECORD_LIMITS = {
  /** Bytes of a batch's JSON. */
  bytes: 8 * 1024 * 1024,
  /** Groups, which are model versions. */
  groups: 2_000,
  /** Records of all groups. */
  records: 100_000,
  /** What all groups weigh, by {@link groupWeight}, {@link RECORD_WEIGHT} and {@link sampleWeight}. */
  weight: 300_000,
  /** Features of a sample: as many as a version's schema may have. */
  features: 10_000,
  /** Characters of a text in a sample. */
  textCharacters: 200,
  /** Refused parts of one batch after which the rest of it is set aside. */
  refusals: 64,
} as const;

/** JSON bytes of a long number with its comma: the unit of a weight. */
const BYTES_A_UNIT = 25;
/** A record: four numbers. */
export const RECORD_WEIGHT = 4;

/** What a group weighs without its records and samples: the names of its columns. */
export function groupWeight({ model }: { model: string }): number {
  return 6 + Math.ceil(model.length / BYTES_A_UNIT);
}

/** What a sample weighs: a number one, a text as much as its JSON may take. */
export function sampleWeight({ features, prediction }: RecordSample): number {
  let weight = 3;
  for (const value of features) weight += valueWeight(value);
  return prediction === undefined ? weight : weight + valueWeight(prediction);
}

function valueWeight(value: SampleValue): number {
  // A character takes up to six bytes as an escape.
  return typeof value === 'string'
    ? Math.ceil((value.length * 6 + 3) / BYTES_A_UNIT)
    : 1;
}

/** Answer to a batch that was counted, now or before. */
export interface RecordReceipt {
  /** Records counted by this call. */
  accepted: number;
  /** The batch had been received before. */
  duplicate: boolean;
  /** What was not counted though the batch was taken, and why; not to be sent again. */
  refused?: RefusedRecords[];
}

export interface RefusedRecords {
  model: string;
  version: number;
  records: number;
  samples: number;
  reason: string;
}
