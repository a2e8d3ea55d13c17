import type {
  ManifestAnalysis,
  NewPromotion,
  NewRolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import {
  ada,
  createHarness,
  evaluationWithErrors,
  grace,
  type Harness,
} from './__testUtils__/createHarness';

const ANALYSIS: ManifestAnalysis = {
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
const ADAPTIVE = {
  strategy: 'adaptive',
  floorPercent: 10,
  metric: 'clicks',
  updateSeconds: 3_600,
  atMostSeconds: 604_800,
} as const;
const END = {
  atMostSeconds: 86_400,
  minUnitsPerVariant: 200,
  winner: 'serve',
} as const;

describe('promotions whose versions are compared', () => {
  const databases = registryDatabases();
  let harness: Harness;

  const promote = (request: Partial<NewPromotion>) =>
    harness.promotions.promote(
      {
        model: 'digits',
        version: 2,
        environment: 'production',
        reason: 'Maybe better.',
        ...request,
      },
      ada,
    );
  const detailOf = async (id: string) => {
    await harness.work();
    return harness.promotions.get(id, ada);
  };

  beforeEach(async () => {
    harness = await createHarness(databases);
    for (const everyNth of [10, 20, 40]) {
      await harness.register({ evaluation: evaluationWithErrors(everyNth) });
    }
    await harness.deploy(1);
  });
  afterEach(() => harness.stop());

  it('write how versions are compared into the manifest, where later ones leave it', async () => {
    const outcomes = { samplePercent: 50, keepDays: 30 };
    const first = await promote({
      rollout: ADAPTIVE,
      analysis: ANALYSIS,
      outcomes,
    });
    const { diff, body, plan } = await detailOf(first.id);
    expect(diff).toMatch(/^\+ +strategy: adaptive$/m);
    expect(diff).toMatch(/^\+ +outcome: clicked$/m);
    expect(diff).toMatch(/^\+ +samplePercent: 50$/m);
    expect(plan).toEqual({ rollout: ADAPTIVE, analysis: ANALYSIS, outcomes });
    expect(body).toContain('### How versions are compared');
    expect(body).toContain(
      '- Metric clicks: the mean of the outcome clicked, higher is better.',
    );
    expect(body).toContain('before each version has had 500 callers');
    await harness.promotions.approve(first.id, { comment: 'Fine' }, grace);
    await harness.work();
    expect(
      await harness.deployments.find({
        model: 'digits',
        environment: 'production',
      }),
    ).toMatchObject({ version: 2, analysis: ANALYSIS, outcomes });

    const second = await promote({ version: 3, rollout: ADAPTIVE });
    const later = await detailOf(second.id);
    expect(later.diff).not.toMatch(/^[-+] +outcome:/m);
    expect(later.plan).toEqual({
      rollout: ADAPTIVE,
      analysis: ANALYSIS,
      outcomes,
    });
    expect(later.body).toContain('- Metric clicks:');
  });

  it('fill in the digests of an experiment', async () => {
    const { id } = await promote({
      rollout: {
        strategy: 'experiment',
        control: { version: 1, sharePercent: 50 },
        treatments: [{ version: 2, sharePercent: 50 }],
        end: END,
      },
    });
    const { plan, body } = await detailOf(id);
    const [one, two] = await Promise.all(
      [1, 2].map(version => harness.versions.get('digits', version)),
    );
    expect(plan.rollout).toEqual({
      strategy: 'experiment',
      control: { version: 1, digest: one.digest, sharePercent: 50 },
      treatments: [{ version: 2, digest: two.digest, sharePercent: 50 }],
      end: END,
    });
    expect(body).toContain(
      '1. Fixed shares: 50 % for version 1, the control, 50 % for version 2.',
    );
  });

  it('compare with nothing that does not run any more', async () => {
    const { id } = await promote({
      version: 3,
      rollout: {
        strategy: 'experiment',
        control: { version: 1, sharePercent: 50 },
        treatments: [{ version: 3, sharePercent: 50 }],
        end: END,
      },
    });
    const [one, two] = await Promise.all(
      [1, 2].map(version => harness.versions.get('digits', version)),
    );
    const path = 'environments/production/models/digits.yaml';
    const revision = await harness.localHost.mainRevision();
    const text = (await harness.localHost.readFile({ path, revision })) ?? '';
    await harness.clone.push({
      branch: 'main',
      path,
      content: text
        .replace('version: 1', 'version: 2')
        .replace(one.digest, two.digest),
      author: { name: 'Hand', email: 'hand@example.com' },
    });
    expect((await detailOf(id)).state).toEqual({
      phase: 'failed',
      step: 'create-branch',
      error:
        'rollout.control: production runs version 2 by now, and not version 1 that others were to be compared with: open the promotion again',
    });
  });

  it('name the field of what makes no sense', async () => {
    const experiment: NewRolloutPlan = {
      strategy: 'experiment',
      control: { version: 1, sharePercent: 50 },
      treatments: [{ version: 2, sharePercent: 50 }],
      end: END,
    };
    const wrong: [Partial<NewPromotion>, RegExp][] = [
      [
        { rollout: ADAPTIVE },
        /^the promotion: rollout\.metric: expected the name of a metric/,
      ],
      [
        { analysis: { ...ANALYSIS, minUnitsPerVariant: 0 } },
        /^the promotion: analysis\.minUnitsPerVariant: /,
      ],
      [
        { outcomes: { samplePercent: 0, keepDays: 1 } },
        /^the promotion: outcomes\.samplePercent: /,
      ],
      [
        {
          rollout: {
            ...experiment,
            control: { version: 3, sharePercent: 50 },
          },
        },
        /^rollout\.control\.version: expected 1, which production runs now, got 3$/,
      ],
      [
        { environment: 'dev', rollout: experiment },
        /^rollout\.control: nothing runs in dev yet/,
      ],
      [
        {
          rollout: {
            ...experiment,
            treatments: [
              {
                version: 2,
                sharePercent: 50,
                digest: `sha256:${'0'.repeat(64)}`,
              },
            ],
          },
        },
        /^rollout\.treatments\.0\.digest: expected sha256:/,
      ],
      [
        {
          rollout: {
            ...experiment,
            treatments: [{ version: 3, sharePercent: 50 }],
          },
        },
        /^the promotion: rollout\.treatments: expected version 2 with its digest/,
      ],
      [
        {
          rollout: {
            ...experiment,
            treatments: [
              { version: 2, sharePercent: 25 },
              { version: 2, sharePercent: 25 },
            ],
          },
        },
        /expected versions that differ, got version 2 twice/,
      ],
    ];
    for (const [request, message] of wrong) {
      await expect(promote(request)).rejects.toMatchObject({
        name: 'InputError',
        message: expect.stringMatching(message),
      });
    }
  });
});
