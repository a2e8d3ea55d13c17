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
  /** Requests that can be given an outcome; at most {@link RECORD_LIMITS}`.predictions`. Left out for none. */
  predictions?: PredictionRecord[];
  /** What callers say of earlier requests; at most {@link RECORD_LIMITS}`.outcomes`. Left out for none. */
  outcomes?: OutcomeRecord[];
}

/** A request that can be given an outcome. What it carried is not in it. */
export interface PredictionRecord {
  /** As the answer's `X-Request-Id` names it: at most 128 printable characters. */
  requestId: string;
  /** Milliseconds since the epoch. */
  at: number;
  model: string;
  version: number;
  /** Id of the comparison that it counts for; left out where it counts for none. */
  comparison?: string;
  /** As in {@link RecordGroup.units}. */
  unit: number;
  /** Of a request with one row: class label or index, or number. */
  prediction?: number | string;
  /**
   * How probable the version said that its prediction is, 0 to 1, with at most 6 decimals. Left
   * out where its schema names no output with the probabilities of the classes.
   */
  confidence?: number;
}

/** What became of a request, as its caller says. */
export interface OutcomeRecord {
  requestId: string;
  model: string;
  /** Of the outcome. One request has one outcome of a name: a second one is counted as a duplicate. */
  name: string;
  /** When it happened, in milliseconds since the epoch. */
  at: number;
  /** A true label (text or number), a number, or whether an event happened. */
  value: number | string | boolean;
  /** What was known of the caller before the request, to tell its effect from the version's (CUPED). */
  covariate?: number;
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
  /** Copies of requests that a shadow answered; left out for none, as those that follow. */
  copies?: number;
  /** Requests that could have been given an outcome. */
  predictions?: number;
  /** Outcomes. */
  outcomes?: number;
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
  /** 0 when no version was chosen: the request was refused before, or named none that exists. */
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
  /** Id of the comparison that the requests of this group count for; left out where they count for none. */
  comparison?: string;
  /**
   * With `comparison`: a hash of the caller's assignment id, salted by the comparison, below 2^48;
   * 0 for a request without one, which is a unit by itself; -1 for one that does not count: it
   * named its version, or its caller takes no part.
   */
  units?: number[];
  /** Copies of requests that the version answered as a shadow; they are no requests of the group. */
  copies?: RecordCopies;
  /** Copied input rows, at most `recordedRowsPerSecond`; may be empty. */
  samples: RecordSample[];
}

/** Copies of requests in columns, one entry a copy. */
export interface RecordCopies {
  comparison: string;
  /** Milliseconds since the epoch. */
  at: number[];
  /** As in {@link RecordGroup.units}. */
  units: number[];
  latencyMicros: number[];
  /** What the shadow would have answered with. */
  status: number[];
  /** 1: the same answer as the caller got. 0: another one. -1: nothing to compare, since one of the two failed. */
  agrees: number[];
  /** Copies that were left out since the last batch, because too many were on their way. */
  leftOut: number;
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
  /** Records of all groups, with copies of requests. */
  records: 100_000,
  /** Requests that can be given an outcome. */
  predictions: 20_000,
  /** Outcomes. */
  outcomes: 20_000,
  /** What all groups weigh, by {@link groupWeight}, {@link RECORD_WEIGHT} and {@link sampleWeight}, and predictions and outcomes. */
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
/** A record, or a copy of a request: four numbers, and a unit. */
export const RECORD_WEIGHT = 4;

/** What a group weighs without its records, copies and samples: the names of its columns. */
export function groupWeight({
  model,
  comparison,
  copies,
}: {
  model: string;
  comparison?: string;
  copies?: { comparison: string };
}): number {
  let weight = 6 + textWeight(model);
  if (comparison !== undefined) weight += 2 + textWeight(comparison);
  if (copies !== undefined) weight += 5 + textWeight(copies.comparison);
  return weight;
}

/** What a request weighs that can be given an outcome. */
export function predictionWeight({
  requestId,
  model,
  comparison = '',
  prediction,
  confidence,
}: PredictionRecord): number {
  const texts =
    idWeight(requestId) + textWeight(model) + textWeight(comparison);
  const said = prediction === undefined ? 0 : valueWeight(prediction);
  return 6 + texts + said + (confidence === undefined ? 0 : 1);
}

/** What an outcome weighs. */
export function outcomeWeight({
  requestId,
  model,
  name,
  value,
}: OutcomeRecord): number {
  const texts = idWeight(requestId) + textWeight(model) + textWeight(name);
  return 5 + texts + valueWeight(value);
}

/** A text without escapes. */
function textWeight(text: string): number {
  return Math.ceil(text.length / BYTES_A_UNIT);
}

/** Printable characters: one in two bytes where all of them are escaped. */
function idWeight(id: string): number {
  return Math.ceil((id.length * 2) / BYTES_A_UNIT);
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
