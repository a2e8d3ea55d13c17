import { describePlan } from './describePlan';
import type { PromotionPlan } from './promotion';

const say = (plan: PromotionPlan) =>
  describePlan(plan, { version: 2, fromVersion: 1 });
const digest = `sha256:${'a'.repeat(64)}`;

describe('describePlan', () => {
  it('says that nothing is compared where all traffic moves at once', () => {
    expect(say({ rollout: { strategy: 'immediate', steps: [] } })).toEqual({
      traffic: ['All traffic moves as soon as the version is loaded.'],
      comparison: [],
    });
  });

  it('says the steps of a canary, and the guardrails that all have', () => {
    expect(
      say({
        rollout: {
          strategy: 'canary',
          steps: [
            { weightPercent: 5, holdSeconds: 90 },
            { analysisSeconds: 86_400 },
            { pauseSeconds: 600 },
            { pauseUntil: 'resumed' },
          ],
        },
      }),
    ).toEqual({
      traffic: [
        '5 % of the traffic for 90 s.',
        'The comparison decides, within 1 d: it goes on, takes the version back, or asks somebody.',
        'Nothing moves for 10 min.',
        'Nothing moves until somebody goes on.',
        'All of the traffic.',
      ],
      comparison: [
        'No metric decides: only the guardrails are watched.',
        'Guardrail errors: the share of requests that fail may get higher by at most 1 percentage point.',
        'Guardrail latency: the p95 of the latency may get higher by at most 50 ms.',
        'A guardrail that breaks takes the version back at once; all of them do so without a cause with a chance of at most 0.02 %. Latency is not held against a version that a provider runs.',
      ],
    });
  });

  it('leaves out a last step with all traffic that nobody waits at', () => {
    const { traffic } = say({
      rollout: {
        strategy: 'canary',
        steps: [
          { weightPercent: 10, holdSeconds: 30 },
          { weightPercent: 100, holdSeconds: 0 },
        ],
      },
    });
    expect(traffic).toEqual([
      '10 % of the traffic for 30 s.',
      'All of the traffic.',
    ]);
  });

  it('promises no shares to the first version in an environment', () => {
    const first = describePlan(
      {
        rollout: {
          strategy: 'canary',
          steps: [{ weightPercent: 10, holdSeconds: 30 }],
        },
      },
      { version: 1 },
    );
    expect(first).toEqual({
      traffic: [
        expect.stringMatching(
          /^Version 1 gets all traffic at once, as soon as it is loaded: .* serves no version of the model yet/,
        ),
      ],
      comparison: [],
    });
  });

  it('says what an experiment compares, by what, and what its end brings', () => {
    const { traffic, comparison, outcomes } = say({
      rollout: {
        strategy: 'experiment',
        control: { version: 1, digest, sharePercent: 60 },
        treatments: [
          { version: 2, digest, sharePercent: 30 },
          { version: 3, digest, sharePercent: 10 },
        ],
        namespace: { name: 'checkout', fromPercent: 0, toPercent: 50 },
        end: { atMostSeconds: 7_200, minUnitsPerVariant: 500, winner: 'ask' },
      },
      analysis: {
        metrics: [
          {
            name: 'clicks',
            measure: { kind: 'outcome', outcome: 'clicked' },
            direction: 'higher-is-better',
            margin: 0.02,
            alpha: 0.05,
            power: 0.8,
          },
        ],
        guardrails: [
          {
            name: 'same',
            measure: { kind: 'agreement' },
            direction: 'higher-is-better',
            margin: 0.1,
            alpha: 0.001,
          },
        ],
        minUnitsPerVariant: 400,
      },
      outcomes: { samplePercent: 100, keepDays: 30 },
    });
    expect(traffic).toEqual([
      'Fixed shares: 60 % for version 1, the control, 30 % for version 2, 10 % for version 3.',
      'Only callers from 0 % to 50 % of the namespace checkout take part; the others get the control.',
      'It ends when it is decided and each version has had 500 callers, and after 2 h at the latest.',
      'If version 2 wins, the shares stay until somebody decides. If another one does, or nothing is decided, it is taken back.',
    ]);
    expect(comparison).toEqual([
      'Metric clicks: the mean of the outcome clicked, higher is better. A difference of 0.02 matters; one that is none is seen with a chance of at most 5 %, one of that size with 80 %.',
      'Nothing is decided by that before each version has had 400 callers.',
      'Guardrail same: the share of answers that are the same may get lower by at most 10 percentage points, at a chance of 0.1 % to go back without a cause.',
      'A guardrail that breaks takes the version back at once.',
    ]);
    expect(outcomes).toBe(
      'What became of 100 % of the requests can be reported, for 30 d.',
    );
  });

  it('says who decides at the end of a shadow', () => {
    const rollout = {
      strategy: 'shadow',
      samplePercent: 10,
      maxCopiesInFlight: 16,
      forSeconds: 3_600,
    } as const;
    expect(say({ rollout }).traffic).toEqual([
      'Version 2 answers copies of 10 % of the requests for 1 h, at most 16 at a time in one data plane. Nobody gets its answers.',
      'At the end somebody is asked whether it gets all traffic.',
    ]);
    expect(
      say({
        rollout,
        analysis: { metrics: [], guardrails: [], minUnitsPerVariant: 1 },
      }),
    ).toMatchObject({
      traffic: [
        expect.anything(),
        expect.stringMatching(/^At the end it gets all traffic if/),
      ],
      comparison: [
        'No metric decides: only the guardrails are watched.',
        'No guardrails: only a data plane takes the version back, when too much of it fails.',
      ],
    });
  });

  it('says what moves shares that adapt', () => {
    expect(
      say({
        rollout: {
          strategy: 'adaptive',
          metric: 'clicks',
          floorPercent: 10,
          updateSeconds: 3_600,
          atMostSeconds: 172_800,
        },
      }).traffic,
    ).toEqual([
      'Version 2 and the running one begin with half of the traffic each.',
      'Every 1 h its share becomes its chance to be the better one by clicks; neither gets less than 10 %.',
      'With a chance of 95 % it gets all traffic, with one of 5 % it is taken back. Undecided after 2 d, somebody is asked.',
    ]);
  });
});
