import type {
  RecordBatch,
  RecordGroup,
} from '@greenroom/plugin-ai-inference-common';

/** Sampled values whose profiles are in memory at the same time: each may begin a profile of its own. */
const MAX_PART_VALUES = 100_000;

/**
 * Parts that are rolled up and stored one after the other, so that a batch whose every sample
 * falls into a window of its own takes no more memory than one of steady traffic.
 */
export function splitBatch(
  batch: RecordBatch,
  maxValues: number = MAX_PART_VALUES,
): RecordBatch[] {
  const parts: RecordGroup[][] = [[]];
  let values = 0;
  for (const group of batch.groups) {
    let part: RecordGroup = { ...group, samples: [] };
    parts[parts.length - 1].push(part);
    for (const sample of group.samples) {
      values += sample.features.length;
      if (values > maxValues) {
        values = sample.features.length;
        part = {
          ...group,
          at: [],
          latencyMicros: [],
          status: [],
          rows: [],
          inputTokens: undefined,
          outputTokens: undefined,
          fallbacks: undefined,
          limited: undefined,
          comparison: undefined,
          units: undefined,
          copies: undefined,
          samples: [],
        };
        parts.push([part]);
      }
      part.samples.push(sample);
    }
  }
  return parts.map((groups, index) =>
    index === 0
      ? { ...batch, groups }
      : { ...batch, groups, predictions: undefined, outcomes: undefined },
  );
}
