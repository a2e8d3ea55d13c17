/**
 * What happened to requests, as the data plane tells the control plane: columns instead of
 * objects, because ten thousand requests a second have to be told cheaply.
 *
 * Delivery is at least once. A batch is identified by `producer` and `sequence`; a receiver
 * that has seen the pair drops the batch, so each record counts once.
 */
export interface RecordBatch {
  formatVersion: 1;
  /** One per process start of a data plane. */
  producer: string;
  /** 1, 2, 3, ... within the producer. */
  sequence: number;
  /** ISO 8601. */
  sentAt: string;
  environment: string;
  /** Records this producer had to drop since it started because the control plane was away too long. */
  droppedTotal: number;
  groups: RecordGroup[];
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
  /** Copied input rows, at most `recordedRowsPerSecond`; may be empty. */
  samples: RecordSample[];
}

export interface RecordSample {
  /** Milliseconds since the epoch. */
  at: number;
  /** Feature values, in the order of the version's `schema.features`. */
  features: number[];
  /** Class label or index, or number; undefined when the version declares no prediction. */
  prediction?: number | string;
}

/** Answer to a batch. */
export interface RecordReceipt {
  accepted: number;
  /** The batch had been received before. */
  duplicate: boolean;
}
