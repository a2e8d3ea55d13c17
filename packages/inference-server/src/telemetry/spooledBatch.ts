import type {
  LostRecords,
  OutcomeRecord,
  PredictionRecord,
  RecordGroup,
} from '@greenroom/plugin-ai-inference-common';
import { z } from 'zod';
import type { BatchQueue } from './BatchQueue';
import { LossCount } from './LossCount';
import {
  contentOf,
  isEmpty,
  timeSpanOf,
  without,
  type BatchParts,
} from './sealedBatch';

/**
 * Numbers that are kept free for the parts of each batch, should it be refused and halved:
 * the same parts get the same numbers each time, also after a stop in between.
 */
const SEQUENCES_PER_BATCH = 1_000;

/** A batch on disk: what waited when its process stopped. */
export interface SpooledBatch {
  formatVersion: 1;
  producer: string;
  environment: string;
  sequence: number;
  /** The parts of this batch get the numbers after it. */
  lastSequence: number;
  /** What its producer had lost when it stopped. */
  lost: LostRecords;
  groups: RecordGroup[];
  /** Left out for none, as are outcomes. */
  predictions?: PredictionRecord[];
  outcomes?: OutcomeRecord[];
}

const numbers = z.array(z.number());
const count = z.int().min(0);

const prediction = z.object({
  requestId: z.string(),
  at: z.number(),
  model: z.string(),
  version: count,
  comparison: z.string().optional(),
  unit: z.number(),
  prediction: z.union([z.number(), z.string()]).optional(),
  confidence: z.number().optional(),
});

const outcome = z.object({
  requestId: z.string(),
  model: z.string(),
  name: z.string(),
  at: z.number(),
  value: z.union([z.number(), z.string(), z.boolean()]),
  covariate: z.number().optional(),
});

const spooledBatch: z.ZodType<SpooledBatch> = z.object({
  formatVersion: z.literal(1),
  producer: z.string().min(1),
  environment: z.string().min(1),
  sequence: z.int().min(1),
  lastSequence: z.int().min(1),
  lost: z.object({
    total: count,
    samples: count,
    copies: count.optional(),
    predictions: count.optional(),
    outcomes: count.optional(),
    fromMillis: z.number().optional(),
    toMillis: z.number().optional(),
  }),
  groups: z.array(
    z.object({
      model: z.string(),
      version: count,
      at: numbers,
      latencyMicros: numbers,
      status: numbers,
      rows: numbers,
      inputTokens: numbers.optional(),
      outputTokens: numbers.optional(),
      fallbacks: numbers.optional(),
      limited: numbers.optional(),
      comparison: z.string().optional(),
      units: numbers.optional(),
      copies: z
        .object({
          comparison: z.string(),
          at: numbers,
          units: numbers,
          latencyMicros: numbers,
          status: numbers,
          agrees: numbers,
          leftOut: count,
        })
        .optional(),
      samples: z.array(
        z.object({
          at: z.number(),
          features: z.array(
            z.union([z.number(), z.string(), z.boolean(), z.null()]),
          ),
          prediction: z.union([z.number(), z.string()]).optional(),
        }),
      ),
    }),
  ),
  predictions: z.array(prediction).optional(),
  outcomes: z.array(outcome).optional(),
});

/** @throws Error for what is no batch. */
export function parseSpooledBatch(text: string): SpooledBatch {
  return spooledBatch.parse(JSON.parse(text));
}

/** Everything that waits in a queue, and what its producer has lost. */
export function spooledBatchesOf(queue: BatchQueue): SpooledBatch[] {
  const { producer, environment, lastSequence, losses } = queue;
  const lost = losses.say();
  return queue.batches.map((batch, index) => ({
    formatVersion: 1,
    producer,
    environment,
    sequence: batch.sequence,
    lastSequence: lastSequence + index * SEQUENCES_PER_BATCH,
    lost,
    ...partsOnDisk(batch),
  }));
}

function partsOnDisk({ groups, predictions, outcomes }: BatchParts) {
  return {
    groups,
    ...(predictions.length > 0 && { predictions }),
    ...(outcomes.length > 0 && { outcomes }),
  };
}

function partsOf({
  groups,
  predictions = [],
  outcomes = [],
}: SpooledBatch): BatchParts {
  return { groups, predictions, outcomes };
}

interface Entry {
  batch: SpooledBatch;
  text: string;
}

/**
 * Gives up what does not fit: first copied rows, then records, then outcomes, which nobody
 * tells again, the oldest first. What is
 * given up is counted as lost by its producer, in the batches of it that stay; the last one
 * stays for that, if need be without records.
 *
 * @param batches - oldest first
 * @returns those that changed or stay, in their order, with their text
 */
export function fitBatches(
  batches: readonly SpooledBatch[],
  maxBytes: number,
): Entry[] {
  const entries = batches.map((batch): Entry => {
    return { batch, text: JSON.stringify(batch) };
  });
  let bytes = entries.reduce((sum, { text }) => sum + byteLength(text), 0);
  const losses = new Map<string, LossCount>();
  const shrink = (entry: Entry, parts: BatchParts) => {
    const { batch } = entry;
    const before = contentOf(batch).counts;
    const after = contentOf(parts).counts;
    let loss = losses.get(batch.producer);
    if (!loss) {
      loss = new LossCount(batch.lost);
      losses.set(batch.producer, loss);
    }
    loss.add(
      {
        records: before.records - after.records,
        samples: before.samples - after.samples,
        copies: before.copies - after.copies,
        predictions: before.predictions - after.predictions,
        outcomes: before.outcomes - after.outcomes,
      },
      timeSpanOf(batch),
    );
    bytes -= byteLength(entry.text);
    const { predictions: _p, outcomes: _o, ...rest } = batch;
    entry.batch = { ...rest, ...partsOnDisk(parts) };
    entry.text = JSON.stringify(entry.batch);
    bytes += byteLength(entry.text);
  };
  for (const entry of entries) {
    if (bytes <= maxBytes) break;
    shrink(entry, without('samples', partsOf(entry.batch)));
  }
  for (const entry of entries) {
    if (bytes <= maxBytes) break;
    shrink(entry, {
      ...partsOf(entry.batch),
      groups: [],
      predictions: [],
    });
  }
  for (const entry of entries) {
    if (bytes <= maxBytes) break;
    shrink(entry, { groups: [], predictions: [], outcomes: [] });
  }
  const last = new Map(
    entries.map(entry => [entry.batch.producer, entry] as const),
  );
  return entries
    .filter(
      entry =>
        !isEmpty(partsOf(entry.batch)) ||
        last.get(entry.batch.producer) === entry,
    )
    .map(({ batch, text }) => {
      const loss = losses.get(batch.producer);
      if (!loss) return { batch, text };
      const told = { ...batch, lost: loss.say() };
      return { batch: told, text: JSON.stringify(told) };
    });
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}
