import { type AnswerKind, estimateOf } from './estimate';
import { type PredictionSums } from './expected';

const NONE = { kept: 7, confident: 0, confidence: 0 };

describe('estimateOf', () => {
  it('is the mean probability of the answers, of those requests that told it', () => {
    expect(
      estimateOf({
        sums: { kept: 10, confident: 4, confidence: 3.2 },
        answers: 'probabilities',
        takesOutcomes: true,
      }),
    ).toEqual({ isKnown: true, accuracy: 0.8, predictions: 4 });
  });

  it('is no more than all of them, however the sum was rounded', () => {
    expect(
      estimateOf({
        sums: { kept: 3, confident: 3, confidence: 3 + 1e-12 },
        answers: 'probabilities',
        takesOutcomes: true,
      }),
    ).toMatchObject({ accuracy: 1 });
  });

  it.each<
    [AnswerKind, PredictionSums | undefined, boolean | undefined, string]
  >([
    ['classes', NONE, true, 'names no output as prediction.probabilityTensor'],
    ['values', NONE, true, 'estimates a value'],
    ['undescribed', NONE, true, 'No schema says'],
    ['unknown', NONE, true, 'The registry does not say'],
    ['probabilities', undefined, false, 'with spec.outcomes in its manifest'],
    ['probabilities', undefined, true, 'No request of the version'],
    ['probabilities', undefined, undefined, 'No request of the version'],
    ['probabilities', NONE, true, 'None of 7 requests told'],
    ['probabilities', NONE, false, 'None of 7 requests told'],
  ])(
    'says of %s, with %j and outcomes %s, why nothing is known',
    (answers, sums, takesOutcomes, reason) => {
      expect(estimateOf({ sums, answers, takesOutcomes })).toEqual({
        isKnown: false,
        reason: expect.stringContaining(reason),
      });
    },
  );
});
