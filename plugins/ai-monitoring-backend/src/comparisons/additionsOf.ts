import type {
  RecordBatch,
  RecordGroup,
} from '@greenroom/plugin-ai-inference-common';
import {
  type ComparisonAddition,
  type CountedOutcome,
  type CountedRequest,
  emptyAddition,
} from './countRequests';

/** An outcome that was joined with a request of a comparison. */
export interface MatchedOutcome extends CountedOutcome {
  comparison: string;
  model: string;
}

/** What a batch adds to each comparison, and of which model it says that it is. */
export function additionsOf(counted: {
  batch: RecordBatch;
  refused: Map<string, number>;
  matched: MatchedOutcome[];
}): {
  additions: Map<string, ComparisonAddition>;
  models: Map<string, string>;
} {
  const additions = new Map<string, ComparisonAddition>();
  const models = new Map<string, string>();
  const additionOf = (id: string, model: string): ComparisonAddition => {
    const addition = additions.get(id) ?? emptyAddition();
    additions.set(id, addition);
    models.set(id, models.get(id) ?? model);
    return addition;
  };
  for (const group of counted.batch.groups) {
    const { comparison, copies, model } = group;
    if (comparison !== undefined) {
      const { requests } = additionOf(comparison, model);
      for (const request of requestsOf(group)) requests.push(request);
    }
    if (copies) {
      const addition = additionOf(copies.comparison, model);
      addition.copiesLeftOut += copies.leftOut;
      for (const copy of copiesOf(group)) addition.requests.push(copy);
    }
  }
  for (const { comparison, model, ...outcome } of counted.matched) {
    additionOf(comparison, model).outcomes.push(outcome);
  }
  for (const [comparison, records] of counted.refused) {
    additionOf(comparison, '').uncounted += records;
  }
  return { additions, models };
}

/** Without those that were refused for a limit: nothing was asked of the version. */
function requestsOf(group: RecordGroup): CountedRequest[] {
  const { version, units = [], status, latencyMicros, limited } = group;
  return units.flatMap((unit, index) =>
    limited?.[index]
      ? []
      : [
          {
            version,
            unit,
            status: status[index],
            latencyMicros: latencyMicros[index],
            isCopy: false,
            agrees: -1,
          },
        ],
  );
}

function copiesOf({ version, copies }: RecordGroup): CountedRequest[] {
  return (copies?.units ?? []).map((unit, index) => ({
    version,
    unit,
    status: copies?.status[index] ?? 0,
    latencyMicros: copies?.latencyMicros[index] ?? 0,
    isCopy: true,
    agrees: copies?.agrees[index] ?? -1,
  }));
}
