import type { QualityEstimate } from '@greenroom/plugin-ai-monitoring-common';
import { expectedAccuracy, type PredictionSums } from './expected';

/** What a version's answers say of themselves. */
export type AnswerKind =
  | 'probabilities'
  /** Classes, without how probable they are. */
  | 'classes'
  | 'values'
  /** Without a schema: of a language model, say. */
  | 'undescribed'
  /** The registry could not be asked, or does not know the version. */
  | 'unknown';

const REASONS: Record<Exclude<AnswerKind, 'probabilities'>, string> = {
  classes:
    'The version says which class, not how probable it is: its schema names no output as prediction.probabilityTensor. Labels alone say how good it is.',
  values:
    'The version estimates a value and does not say how sure it is: outcomes alone say how good it is.',
  undescribed:
    'No schema says what the answers of the version mean: outcomes alone say how good it is.',
  unknown:
    'The registry does not say what the answers of the version mean: look again when it can be asked.',
};

/** What is known of a version without labels, or why nothing is. */
export function estimateOf(known: {
  sums: PredictionSums | undefined;
  answers: AnswerKind;
  /** Undefined while nobody has said. */
  takesOutcomes: boolean | undefined;
}): QualityEstimate {
  const { sums, answers, takesOutcomes } = known;
  if (sums && sums.confident > 0) {
    return {
      isKnown: true,
      accuracy: expectedAccuracy(sums),
      predictions: sums.confident,
    };
  }
  return { isKnown: false, reason: reasonOf({ sums, answers, takesOutcomes }) };
}

function reasonOf({
  sums,
  answers,
  takesOutcomes,
}: Parameters<typeof estimateOf>[0]): string {
  if (answers !== 'probabilities') return REASONS[answers];
  if (sums && sums.kept > 0) {
    return `None of ${sums.kept} requests told how probable its answer is: data planes tell it of requests with one row, since their update.`;
  }
  return takesOutcomes === false
    ? 'The model takes no outcomes: with spec.outcomes in its manifest, data planes tell how probable the answers are.'
    : 'No request of the version in this time has been told of yet.';
}
