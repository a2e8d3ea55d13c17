import type { RecordBatch } from '@greenroom/plugin-ai-inference-common';
import type { LogFields } from '../logger';

/** What became of a batch. */
export type Delivery =
  /** It counts, now or since an earlier time. */
  | { kind: 'delivered'; duplicate: boolean }
  /** It can never be taken as it is: smaller parts of it may. */
  | { kind: 'refused'; reason: string }
  /** It may be taken later, the same. The reason is a few words; the details are for a log. */
  | { kind: 'unavailable'; reason: string; details: LogFields };

/** Where batches of records go. Each batch counts once, however often it is delivered. */
export interface RecordSink {
  /** Tries once, within some seconds. Does not throw. */
  deliver(batch: RecordBatch, signal: AbortSignal): Promise<Delivery>;
}
