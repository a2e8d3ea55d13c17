import {
  type Evaluation,
  type GateEvidence,
  MAX_UNANSWERED_SHARE,
  type PromptEvaluation,
  scorerName,
} from '@greenroom/plugin-ai-registry-common';
import {
  compareEvaluations,
  type EvaluationOutcome,
} from '../promotion/compareEvaluations';
import { type RowResults, summariseRows } from './runResult';

type PromptEvidence = Extract<GateEvidence, { kind: 'prompt-evaluation' }>;

const NOTHING_RIGHT =
  " No answer is right by any scorer: see them on the run's page, and mend the prompts, the scorers or the version; or a reviewer decides.";

/** A version that was asked a prompt set. */
export interface EvaluatedVersion {
  version: number;
  /** Id of the run. */
  run: string;
  results: RowResults;
}

export interface RunVerdict {
  outcome: EvaluationOutcome;
  summary: string;
  evidence: PromptEvidence;
}

/**
 * Whether a version answers a prompt set no worse than the running one, by each scorer, over
 * the rows that both answered.
 *
 * @param base - undefined where there is nothing to compare with
 */
export function compareRuns(options: {
  evaluation: PromptEvaluation;
  base: EvaluatedVersion | undefined;
  candidate: EvaluatedVersion;
  /** What may be lost of a share of right answers: 0.02 for two percentage points. */
  marginShare: number;
}): RunVerdict {
  const { evaluation, base, candidate, marginShare } = options;
  const sides = [candidate, ...(base ? [base] : [])];
  const unanswered = sides.map(side => ({
    version: side.version,
    ...summariseRows(side.results),
  }));
  const evidence: PromptEvidence = {
    kind: 'prompt-evaluation',
    dataset: evaluation.dataset,
    rows: unanswered[0].rows,
    candidate: toSide(candidate),
    ...(base && { base: toSide(base) }),
    scorers: [],
  };
  const tooFew = unanswered.find(
    side => side.unanswered > side.rows * MAX_UNANSWERED_SHARE,
  );
  if (tooFew) {
    return {
      outcome: 'cannot-tell',
      summary: `Version ${tooFew.version} left ${tooFew.unanswered} of ${
        tooFew.rows
      } rows of ${nameOf(
        evaluation,
      )} unanswered, more than one in twenty: see why on the run's page, mend that, then run the gates again.`,
      evidence: { ...evidence, scorers: base ? [] : scoresOf(candidate) },
    };
  }
  if (!base) {
    const scores = scoresOf(candidate);
    const hasNone = hasNothingRight(scores);
    return {
      outcome: hasNone ? 'cannot-tell' : 'passed',
      summary: `There is no running version to compare with. On ${
        evidence.rows - unanswered[0].unanswered
      } rows of ${nameOf(evaluation)}: ${scores
        .map(
          ({ scorer, candidate: share, interval: [low, high] }) =>
            `${scorer} ${percent(share)} (95 % confidence: ${percent(
              low,
            )} to ${percent(high)})`,
        )
        .join('; ')}.${hasNone ? NOTHING_RIGHT : ''}`,
      evidence: { ...evidence, scorers: scores },
    };
  }
  const verdicts = evaluation.scorers.map(scorer =>
    compareScores(scorerName(scorer), { base, candidate, marginShare }),
  );
  const worst = worstOf(verdicts.map(({ outcome }) => outcome));
  // No worse than nothing is nothing to serve.
  const passesNothing = worst === 'passed' && hasNothingRight(verdicts);
  return {
    outcome: passesNothing ? 'cannot-tell' : worst,
    summary: `On ${nameOf(evaluation)}: ${verdicts
      .map(({ scorer, summary }) => `${scorer}: ${summary}`)
      .join(' ')}${passesNothing ? NOTHING_RIGHT : ''}`,
    evidence: {
      ...evidence,
      scorers: verdicts.map(({ summary: _summary, ...scorer }) => scorer),
    },
  };
}

function compareScores(
  scorer: string,
  options: {
    base: EvaluatedVersion;
    candidate: EvaluatedVersion;
    marginShare: number;
  },
): PromptEvidence['scorers'][number] & {
  outcome: EvaluationOutcome;
  summary: string;
} {
  const { base, candidate, marginShare } = options;
  const before = base.results.scores[scorer] ?? [];
  const after = candidate.results.scores[scorer] ?? [];
  const pairs = before.flatMap((one, row) => {
    const other = after[row] ?? null;
    return one === null || other === null ? [] : [[one, other]];
  });
  const { outcome, summary, evidence } = compareEvaluations({
    base: {
      version: base.version,
      evaluation: toEvaluation(
        scorer,
        pairs.map(([one]) => one),
      ),
    },
    candidate: {
      version: candidate.version,
      evaluation: toEvaluation(
        scorer,
        pairs.map(([, other]) => other),
      ),
    },
    marginShare,
    isShare: true,
  });
  const { base: baseShare, candidate: share = 0, paired, margin } = evidence;
  return {
    scorer,
    outcome,
    summary,
    candidate: share,
    interval: intervalOf(candidate, scorer),
    ...(baseShare !== undefined && { base: baseShare }),
    ...(paired && { paired }),
    ...(margin !== undefined && { margin }),
  };
}

function hasNothingRight(scores: { candidate: number }[]): boolean {
  return scores.every(({ candidate }) => candidate === 0);
}

function scoresOf(candidate: EvaluatedVersion) {
  return summariseRows(candidate.results).scores.map(
    ({ scorer, share, interval }) => ({ scorer, candidate: share, interval }),
  );
}

function intervalOf(
  { results }: EvaluatedVersion,
  scorer: string,
): [number, number] {
  const found = summariseRows(results).scores.find(
    score => score.scorer === scorer,
  );
  return found?.interval ?? [0, 1];
}

function toSide({ version, run, results }: EvaluatedVersion) {
  return { version, run, unanswered: summariseRows(results).unanswered };
}

/** The rows are the same on both sides: that is what the digest is compared for. */
function toEvaluation(name: string, perRow: number[]): Evaluation {
  const sum = perRow.reduce((total, value) => total + value, 0);
  return {
    dataset: {
      name: 'prompts',
      digest: `sha256:${'0'.repeat(64)}`,
      rows: perRow.length,
    },
    metrics: { [name]: perRow.length === 0 ? 0 : sum / perRow.length },
    primary: { name, higherIsBetter: true },
    perRow,
  };
}

function worstOf(outcomes: EvaluationOutcome[]): EvaluationOutcome {
  if (outcomes.includes('failed')) return 'failed';
  return outcomes.includes('cannot-tell') ? 'cannot-tell' : 'passed';
}

function nameOf({ dataset }: PromptEvaluation): string {
  return `${dataset.name}, version ${dataset.version}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
