import type { Manifest, ManifestSpec } from '..';

export const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

const header = {
  apiVersion: 'greenroom.dev/v2',
  kind: 'ModelDeployment',
  metadata: { name: 'digits', environment: 'production' },
} as const;

const base = { version: 2, digest: digest('b') };
const metric = {
  name: 'conversion',
  measure: { kind: 'outcome', outcome: 'bought' },
  direction: 'higher-is-better',
  margin: 0.01,
  alpha: 0.05,
  power: 0.8,
} as const;
const analysis: ManifestSpec['analysis'] = {
  metrics: [metric],
  guardrails: [
    {
      name: 'slow',
      measure: { kind: 'latency', quantilePercent: 99 },
      direction: 'lower-is-better',
      margin: 20,
      alpha: 0.001,
    },
    {
      name: 'errors',
      measure: { kind: 'error-rate' },
      direction: 'lower-is-better',
      margin: 0,
      alpha: 0.001,
    },
  ],
  minUnitsPerVariant: 500,
};

function manifestWith(
  spec: Omit<ManifestSpec, 'version' | 'digest'>,
): Manifest {
  return { ...header, spec: { ...base, ...spec } };
}

/** What this release carries out. */
export const CANARY = manifestWith({
  rollout: {
    strategy: 'canary',
    steps: [
      { weightPercent: 10, holdSeconds: 60 },
      { weightPercent: 50, holdSeconds: 60 },
    ],
  },
  rollbackTo: { version: 1, digest: digest('a') },
});

export const IMMEDIATE = manifestWith({
  rollout: { strategy: 'immediate' },
  batching: { mode: 'off' },
  placement: { mode: 'worker' },
  responseCache: { maxMiB: 16 },
  loading: { mode: 'on-demand' },
});

/** All that the format has: each field is in one of them at least. */
export const EXAMPLES: Record<string, Manifest> = {
  canary: CANARY,
  immediate: IMMEDIATE,
  'analysed canary': manifestWith({
    rollout: {
      strategy: 'canary',
      steps: [
        { weightPercent: 1, holdSeconds: 0 },
        { pauseSeconds: 600 },
        { analysisSeconds: 3_600 },
        { weightPercent: 50, holdSeconds: 60 },
        { pauseUntil: 'resumed' },
      ],
    },
    analysis,
  }),
  experiment: manifestWith({
    rollout: {
      strategy: 'experiment',
      control: { version: 1, digest: digest('a'), sharePercent: 33.4 },
      treatments: [
        { ...base, sharePercent: 33.3 },
        { version: 3, digest: digest('c'), sharePercent: 33.3 },
      ],
      namespace: { name: 'checkout', fromPercent: 0, toPercent: 50 },
      end: {
        atMostSeconds: 14 * 86_400,
        minUnitsPerVariant: 1_000,
        winner: 'ask',
      },
    },
    analysis,
  }),
  shadow: manifestWith({
    rollout: {
      strategy: 'shadow',
      samplePercent: 5,
      maxCopiesInFlight: 8,
      forSeconds: 86_400,
    },
    analysis: {
      metrics: [{ ...metric, measure: { kind: 'agreement' } }],
      minUnitsPerVariant: 1,
    },
  }),
  adaptive: manifestWith({
    rollout: {
      strategy: 'adaptive',
      floorPercent: 5,
      metric: 'conversion',
      updateSeconds: 300,
      atMostSeconds: 7 * 86_400,
    },
    analysis,
  }),
  measured: manifestWith({
    rollout: { strategy: 'immediate' },
    evaluation: {
      dataset: { name: 'held-out', version: 2, digest: digest('d') },
      target: 'digit',
      features: { first: 'pixel-1' },
      slices: ['site'],
      protected: 'gender',
      positive: 'yes',
      primary: 'log_loss',
      maxLossShare: 0.02,
    },
  }),
  evaluation: manifestWith({
    rollout: { strategy: 'immediate' },
    evaluation: {
      dataset: { name: 'capital-cities', version: 1, digest: digest('d') },
      scorers: [
        { kind: 'exact', name: 'right', ignoreCase: true },
        {
          kind: 'regex',
          name: 'names-it',
          pattern: '^[A-Z]',
          ignoreCase: false,
        },
        {
          kind: 'json-schema',
          name: 'is-json',
          schema: { type: 'object' },
        },
      ],
      rows: 200,
      maxLossShare: 0.02,
      maxCostIncreaseShare: 0.2,
    },
  }),
  'everything else': manifestWith({
    rollout: { strategy: 'immediate' },
    outcomes: { samplePercent: 10, keepDays: 30 },
    recentRows: { mode: 'on' },
    replicas: { min: 0, max: 3 },
    resources: { flavor: 'l4', count: 1, cpuMillis: 4_000, memoryMiB: 8_192 },
    languageModel: {
      aliases: ['gpt-4o', 'vendor/small:latest'],
      fallbacks: [{ model: 'small', when: ['unavailable', 'timed-out'] }],
    },
    automatedPromotion: {
      newVersions: 'propose',
      soakSeconds: 86_400,
      retrain: { template: 'digits', onDrift: true, everyDays: 30 },
    },
  }),
};
