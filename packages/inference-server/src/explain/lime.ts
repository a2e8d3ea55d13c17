import {
  keepWords,
  type LimeExplanation,
  limeSegments,
  limeTabular,
  textSegments,
  topOverlap,
} from '@greenroom/ml-kit';
import type { ExplainOptions, RowExplanation } from './explain';
import { invalid } from './invalid';

const LIME_SEEDS = 5;
const LIME_SAMPLES = 1_000;
/** Most important parts whose likeness over seeds is told. */
const LIME_TOP = 5;

/** A row of numbers. @throws InferenceError `invalid` for anything else */
export async function explainLinearly(
  options: ExplainOptions,
): Promise<RowExplanation> {
  const { table, schema, settings, maxEvaluations } = options;
  if (!table.isNumeric || schema.image) {
    throw invalid(
      '"explain.method": lime is for rows of numbers and for single texts: choose permutation, kernel or occlusion',
    );
  }
  const samples = samplesWithin(maxEvaluations);
  const fits: LimeExplanation[] = [];
  for (let i = 0; i < LIME_SEEDS; i++) {
    fits.push(
      await limeTabular({ ...options, samples, seed: settings.seed + i }),
    );
  }
  return linear(fits, { kind: 'features' });
}

/** The words of a text, which is the only feature. */
export async function explainText(
  options: ExplainOptions,
  feature: number,
): Promise<RowExplanation> {
  const { table, settings, instance, maxEvaluations, signal } = options;
  const text = table.textOf(feature, instance[feature]);
  const segments = textSegments(text);
  const words = segments.words.map(at => segments.pieces[at]);
  if (words.length === 0) {
    throw invalid('the text has no words that could be left out');
  }
  const samples = samplesWithin(maxEvaluations);
  const fits: LimeExplanation[] = [];
  for (let i = 0; i < LIME_SEEDS; i++) {
    fits.push(
      await limeSegments({
        segments: words.length,
        samples,
        seed: settings.seed + i,
        signal,
        predictMasks: masks =>
          options.predictTexts(
            feature,
            masks.map(mask => keepWords(segments, mask)),
          ),
      }),
    );
  }
  return linear(fits, { kind: 'words', words });
}

/** @throws InferenceError `invalid` where that is too few to tell anything */
function samplesWithin(maxEvaluations: number): number {
  const samples = Math.min(
    LIME_SAMPLES,
    Math.floor(maxEvaluations / LIME_SEEDS),
  );
  if (samples >= 50) return samples;
  throw invalid(
    `"explain.max_evaluations" is ${maxEvaluations}, and lime takes ${
      50 * LIME_SEEDS
    } rows of the model at least`,
  );
}

/** The first seed's is told; the others say how much it can be relied on. */
function linear(
  fits: LimeExplanation[],
  parts: RowExplanation['parts'],
): RowExplanation {
  const [first] = fits;
  return {
    method: 'lime',
    parts,
    baseValue: first.intercept,
    prediction: first.prediction,
    attributions: first.coefficients.map((value, at) => ({
      value,
      standardError: first.standardErrors[at],
    })),
    fit: first.fit,
    stability: topOverlap(
      fits.map(({ coefficients }) => coefficients),
      Math.min(LIME_TOP, first.coefficients.length),
    ),
  };
}
