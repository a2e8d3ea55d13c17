import type { ManifestAnalysis } from '@greenroom/plugin-ai-registry-common';
import { type AnalysisForm, PROPOSED_ANALYSIS } from './analysisForm';
import {
  type PlanForm,
  planErrors,
  type PlanSurroundings,
  planToSend,
  sourceOf,
} from './newPromotion';
import { PROPOSED_ROLLOUT, type RolloutForm } from './rolloutForm';

const CLICKS: ManifestAnalysis = {
  metrics: [
    {
      name: 'clicks',
      measure: { kind: 'outcome', outcome: 'clicked' },
      direction: 'higher-is-better',
      margin: 0.01,
      alpha: 0.05,
      power: 0.8,
    },
  ],
  minUnitsPerVariant: 500,
};

const form = (
  rollout: Partial<RolloutForm>,
  analysis: Partial<AnalysisForm> = {},
): PlanForm => ({
  rollout: { ...PROPOSED_ROLLOUT, ...rollout },
  analysis: { ...PROPOSED_ANALYSIS, ...analysis },
});
const send = (plan: PlanForm, around: PlanSurroundings = {}) =>
  planToSend(plan, { running: 1, deployed: {}, version: 2, ...around });
const wrong = (plan: PlanForm, around: PlanSurroundings = {}) => {
  const errors = planErrors(plan, { running: 1, deployed: {}, ...around });
  return [...errors.rollout.keys(), ...errors.analysis.keys()];
};

describe('planToSend', () => {
  it('leaves the manifest as it is, unless somebody says otherwise', () => {
    expect(send(form({}))).toEqual({
      rollout: { strategy: 'canary', steps: PROPOSED_ROLLOUT.steps },
    });
    expect(send(form({ strategy: 'immediate' }, { source: 'own' }))).toEqual({
      rollout: { strategy: 'immediate', steps: [] },
    });
  });

  it('gives a step that waits for a comparison the section that it needs', () => {
    const steps = [{ analysisSeconds: 60 }];
    const common = { metrics: [], minUnitsPerVariant: 100 };
    expect(send(form({ steps })).analysis).toEqual(common);
    expect(
      send(form({ steps }), { deployed: { analysis: CLICKS } }),
    ).not.toHaveProperty('analysis');
    // What is not known is not overwritten.
    expect(send(form({ steps }), { deployed: undefined })).not.toHaveProperty(
      'analysis',
    );
  });

  it('sends an experiment against what runs, by numbers', () => {
    expect(
      send(
        form(
          { strategy: 'experiment' },
          { measure: 'outcome', outcome: 'clicked' },
        ),
      ),
    ).toEqual({
      rollout: {
        strategy: 'experiment',
        control: { version: 1, sharePercent: 50 },
        treatments: [{ version: 2, sharePercent: 50 }],
        end: {
          atMostSeconds: 604_800,
          minUnitsPerVariant: 1_000,
          winner: 'serve',
        },
      },
      analysis: {
        metrics: [{ ...CLICKS.metrics[0], name: 'clicked' }],
        minUnitsPerVariant: 100,
      },
      outcomes: { samplePercent: 100, keepDays: 30 },
    });
  });

  it('has adaptive shares follow the metric of the manifest, or the own one', () => {
    const adaptive = { strategy: 'adaptive' as const };
    const deployed = { analysis: CLICKS };
    expect(send(form(adaptive), { deployed })).toEqual({
      rollout: {
        strategy: 'adaptive',
        floorPercent: 10,
        metric: 'clicks',
        updateSeconds: 3_600,
        atMostSeconds: 604_800,
      },
    });
    expect(
      send(form(adaptive, { source: 'own', measure: 'latency' }), { deployed }),
    ).toMatchObject({
      rollout: { metric: 'latency-metric' },
      analysis: {
        metrics: [
          {
            name: 'latency-metric',
            measure: { kind: 'latency', quantilePercent: 95 },
            direction: 'lower-is-better',
            margin: 50,
          },
        ],
      },
    });
  });

  it('sends shares as shares, and guardrails as they are chosen', () => {
    const shadow = { strategy: 'shadow' as const };
    const own = { source: 'own', measure: 'agreement' } as const;
    const sent = send(
      form(shadow, {
        ...own,
        guardrails: 'own',
        own: { errorPoints: 2, latencyMillis: NaN },
      }),
    );
    expect(sent).toMatchObject({
      rollout: { samplePercent: 10, maxCopiesInFlight: 16, forSeconds: 3_600 },
      analysis: {
        metrics: [{ margin: 0.05, direction: 'higher-is-better' }],
        guardrails: [{ name: 'errors', margin: 0.02 }],
      },
    });
    expect(sent.analysis?.guardrails).toHaveLength(1);
    expect(
      send(form(shadow, { ...own, guardrails: 'none' })).analysis?.guardrails,
    ).toEqual([]);
  });

  it('gives an outcome that is called like a guardrail another name', () => {
    const { analysis } = send(
      form({}, { source: 'own', measure: 'outcome', outcome: 'errors' }),
    );
    expect(analysis?.metrics[0].name).toBe('errors-outcome');
  });
});

describe('planErrors', () => {
  it('lets what is proposed through', () => {
    expect(wrong(form({}))).toEqual([]);
    expect(wrong(form({ strategy: 'shadow' }))).toEqual([]);
    expect(wrong(form({}, { source: 'own' }))).toEqual([]);
  });

  it.each<[RolloutForm['strategy']]>([
    ['shadow'],
    ['experiment'],
    ['adaptive'],
  ])('asks for something else than %s where nothing runs', strategy => {
    expect(
      wrong(form({ strategy }), {
        running: undefined,
        deployed: { analysis: CLICKS },
      }),
    ).toEqual(['strategy']);
  });

  it('asks for the metric that an experiment or adaptive shares follow', () => {
    for (const strategy of ['experiment', 'adaptive'] as const) {
      expect(sourceOf(form({ strategy }), { deployed: {} })).toBe('own');
      expect(wrong(form({ strategy }))).toEqual(['measure']);
      expect(wrong(form({ strategy }, { source: 'kept' }))).toEqual(['source']);
      expect(
        wrong(form({ strategy }), { deployed: { analysis: CLICKS } }),
      ).toEqual([]);
    }
  });

  it.each<[string, Partial<RolloutForm>, Partial<AnalysisForm>]>([
    ['steps.0', { steps: [{ analysisSeconds: 1 }] }, {}],
    [
      'minutes',
      { strategy: 'shadow', shadow: { samplePercent: 10, minutes: 0.5 } },
      {},
    ],
    [
      'samplePercent',
      { strategy: 'shadow', shadow: { samplePercent: NaN, minutes: 5 } },
      {},
    ],
    ['outcome', {}, { source: 'own', measure: 'outcome', outcome: 'Clicks!' }],
    [
      'alphaPercent',
      {},
      { source: 'own', measure: 'latency', alphaPercent: 0 },
    ],
    [
      'powerPercent',
      {},
      { source: 'own', measure: 'latency', powerPercent: 9 },
    ],
    ['minUnitsPerVariant', {}, { source: 'own', minUnitsPerVariant: 0 }],
    [
      'errorPoints',
      {},
      {
        source: 'own',
        guardrails: 'own',
        own: { errorPoints: -1, latencyMillis: NaN },
      },
    ],
  ])('names %s', (field, rollout, analysis) => {
    expect(wrong(form(rollout, analysis))).toEqual([field]);
  });
});
