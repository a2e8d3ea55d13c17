import { mockServices } from '@backstage/backend-test-utils';
import { resolve } from 'node:path';
import { readRegistryConfig } from './config';

const read = (aiRegistry?: object) =>
  readRegistryConfig(
    mockServices.rootConfig({ data: aiRegistry ? { aiRegistry } : {} }),
  );

describe('readRegistryConfig', () => {
  it('has a default for everything', () => {
    expect(read()).toEqual({
      artifacts: {
        directory: resolve('.data/artifacts'),
        maxBytes: 20 * 1024 ** 3,
        graceMillis: 24 * 60 * 60 * 1_000,
      },
      events: { keepMonths: 13 },
      environments: { directory: resolve('.data/git/environments.git') },
      trial: {
        program: undefined,
        timeoutMillis: 120_000,
        maxMemoryBytes: 4 * 1024 ** 3,
      },
      promotion: {
        defaultRollout: {
          strategy: 'canary',
          steps: expect.arrayContaining([
            { weightPercent: 100, holdSeconds: 0 },
          ]),
        },
        gates: { evaluation: { margin: 0.01 } },
        reviewers: [],
        rollbackApprovals: 0,
      },
    });
  });

  it('takes what is set', () => {
    const defaultRollout = { strategy: 'immediate', steps: [] };
    expect(
      read({
        artifacts: { directory: '/data/models', maxBytes: 5 },
        promotion: {
          defaultRollout,
          rollbackApprovals: 1,
          reviewers: ['group:ml-platform'],
        },
      }),
    ).toMatchObject({
      artifacts: { directory: '/data/models', maxBytes: 5 },
      promotion: {
        defaultRollout,
        rollbackApprovals: 1,
        reviewers: ['group:default/ml-platform'],
      },
    });
  });

  it.each([
    [{ artifacts: { maxBytes: 0 } }, 'aiRegistry.artifacts.maxBytes is 0'],
    [
      { promotion: { gates: { evaluation: { margin: 2 } } } },
      'aiRegistry.promotion.gates.evaluation.margin is 2',
    ],
    [
      { promotion: { reviewers: ['grace'] } },
      "aiRegistry.promotion.reviewers: 'grace' is not an entity ref",
    ],
    [
      { promotion: { rollbackApprovals: -1 } },
      'aiRegistry.promotion.rollbackApprovals is -1',
    ],
    [
      { promotion: { defaultRollout: { strategy: 'canary', steps: [] } } },
      'aiRegistry.promotion.defaultRollout: steps: expected at least one step',
    ],
  ])('refuses %j and names the setting', (settings, message) => {
    expect(() => read(settings)).toThrow(message);
  });
});
