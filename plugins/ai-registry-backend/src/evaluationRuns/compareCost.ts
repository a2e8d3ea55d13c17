import { bootstrapInterval } from '@greenroom/ml-kit';
import type {
  GateEvidence,
  ModelPrice,
} from '@greenroom/plugin-ai-registry-common';
import type { EvaluatedVersion } from './compareRuns';

type CostEvidence = Extract<GateEvidence, { kind: 'cost' }>;

export interface CostVerdict {
  /** skipped: it cannot be told, and no limit asks for it. */
  outcome: 'passed' | 'failed' | 'cannot-tell' | 'skipped';
  summary: string;
  evidence: CostEvidence;
}

/** A version whose rows were counted, and what its tokens cost. */
export interface PricedVersion extends EvaluatedVersion {
  /** Undefined where the environment names none for its model. */
  price: ModelPrice | undefined;
}

/** Fewer rows say too little about what a call costs. */
const LEAST_ROWS = 20;
const CALLS = 1_000;
const MILLION = 1_000_000;

/**
 * What a call costs with a version, compared with the running one over the rows whose tokens
 * both told.
 *
 * @param maxIncreaseShare - how much more a call may cost: 0.2 for a fifth; undefined for whatever
 */
export function compareCost(options: {
  base: PricedVersion | undefined;
  candidate: PricedVersion;
  maxIncreaseShare: number | undefined;
}): CostVerdict {
  const { base, candidate, maxIncreaseShare } = options;
  const evidence: CostEvidence = {
    kind: 'cost',
    candidate: sideOf(candidate),
    ...(base && { base: sideOf(base) }),
    ...(maxIncreaseShare !== undefined && { maxIncreaseShare }),
  };
  const cannotTell = (summary: string): CostVerdict => ({
    outcome: maxIncreaseShare === undefined ? 'skipped' : 'cannot-tell',
    summary,
    evidence,
  });
  const after = costsOf(candidate);
  if (after.every(cost => cost === undefined)) {
    return cannotTell(
      `What it costs cannot be told: the provider told no tokens of version ${candidate.version}.`,
    );
  }
  const unpriced = [candidate, ...(base ? [base] : [])].find(
    ({ price }) => price === undefined,
  );
  if (unpriced) {
    return cannotTell(
      `${tokensOf(
        evidence,
      )} What that costs cannot be told: add prices for the model of version ${
        unpriced.version
      } to its connection, under greenroom.environments[].connections.`,
    );
  }
  if (!base) {
    return {
      outcome: 'passed',
      summary: `${CALLS} calls cost about ${money(
        evidence.candidate,
      )}; there is no running version to compare with.`,
      evidence,
    };
  }
  if (base.price?.currency !== candidate.price?.currency) {
    return cannotTell(
      `${CALLS} calls cost about ${money(
        evidence.candidate,
      )} instead of ${money(evidence.base)}: two currencies are not compared.`,
    );
  }
  return compareCosts({ base: costsOf(base), after, evidence, cannotTell });
}

function compareCosts(options: {
  base: (number | undefined)[];
  after: (number | undefined)[];
  evidence: CostEvidence;
  cannotTell(summary: string): CostVerdict;
}): CostVerdict {
  const { base, after, evidence, cannotTell } = options;
  const { maxIncreaseShare: most } = evidence;
  const pairs = base.flatMap((one, row) => {
    const other = after[row];
    return one === undefined || other === undefined ? [] : [[one, other]];
  });
  const total = (side: 0 | 1, rows: Iterable<number>) => {
    let sum = 0;
    for (const row of rows) sum += pairs[row][side];
    return sum;
  };
  if (pairs.length === 0 || !(total(0, pairs.keys()) > 0)) {
    return cannotTell(
      'How the cost of a call changes cannot be told: no row has a cost with both versions.',
    );
  }
  const { estimate, interval } = bootstrapInterval({
    rows: pairs.length,
    measure: rows => total(1, rows) / total(0, rows) - 1,
  });
  const withIncrease: CostEvidence = {
    ...evidence,
    increase: { share: estimate, interval, rows: pairs.length },
  };
  const change = `${CALLS} calls cost about ${money(
    evidence.candidate,
  )} instead of ${money(evidence.base)}: ${describe(
    estimate,
  )} (95 % confidence: ${signed(interval[0])} to ${signed(interval[1])}, ${
    pairs.length
  } rows)`;
  if (most === undefined) {
    return { outcome: 'passed', summary: `${change}.`, evidence: withIncrease };
  }
  const limit = `at most ${percent(most)} more are let pass`;
  if (interval[0] > most) {
    return {
      outcome: 'failed',
      summary: `${change}; ${limit}.`,
      evidence: withIncrease,
    };
  }
  const isSure = interval[1] <= most && pairs.length >= LEAST_ROWS;
  return {
    outcome: isSure ? 'passed' : 'cannot-tell',
    summary: isSure
      ? `${change}; ${limit}.`
      : `${change}; ${limit}, which these rows cannot tell.`,
    evidence: withIncrease,
  };
}

/** By row; undefined where the tokens or the price are not known. */
function costsOf({ results, price }: PricedVersion): (number | undefined)[] {
  return results.inputTokens.map((input, row) => {
    const output = results.outputTokens[row];
    if (input === null || output === null) return undefined;
    if (price === undefined) return 0;
    const cached = Math.min(results.cachedInputTokens[row] ?? 0, input);
    return (
      ((input - cached) * price.input +
        cached * (price.cachedInput ?? price.input) +
        output * price.output) /
      MILLION
    );
  });
}

function sideOf(version: PricedVersion): CostEvidence['candidate'] {
  const { price, results } = version;
  const known = results.inputTokens.flatMap((input, row) => {
    const output = results.outputTokens[row];
    return input === null || output === null ? [] : [{ input, output }];
  });
  const mean = (values: number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  if (known.length === 0) return { version: version.version };
  const costs = costsOf(version).filter(cost => cost !== undefined);
  return {
    version: version.version,
    inputTokens: mean(known.map(({ input }) => input)),
    outputTokens: mean(known.map(({ output }) => output)),
    ...(price && {
      costOfThousandCalls: mean(costs) * CALLS,
      currency: price.currency,
    }),
  };
}

function tokensOf({ base, candidate }: CostEvidence): string {
  const side = (of: CostEvidence['candidate'] | undefined) =>
    of?.inputTokens === undefined || of.outputTokens === undefined
      ? 'an unknown number of tokens'
      : `${show(of.inputTokens)} tokens in and ${show(of.outputTokens)} out`;
  return `A call takes ${side(candidate)}${
    base ? ` instead of ${side(base)}` : ''
  }.`;
}

function money(side: CostEvidence['candidate'] | undefined): string {
  return `${show(side?.costOfThousandCalls ?? 0)} ${
    side?.currency ?? ''
  }`.trim();
}

function describe(share: number): string {
  if (share === 0) return 'no change';
  return `${percent(Math.abs(share))} ${share > 0 ? 'more' : 'less'}`;
}

function signed(share: number): string {
  return `${share > 0 ? '+' : ''}${percent(share)}`;
}

function percent(share: number): string {
  return `${show(share * 100)} %`;
}

function show(value: number): string {
  return String(Number(value.toPrecision(3)));
}
