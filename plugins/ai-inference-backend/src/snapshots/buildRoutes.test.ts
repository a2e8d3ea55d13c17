import { startRollout } from '../deployments/deployment';
import { withVersion } from '../deployments/trafficSplit';
import {
  desiredDeployment,
  digestOf,
  modelVersion,
} from '../__testUtils__/fixtures';
import { buildRoutes, type RoutesParts } from './buildRoutes';

const NOW = new Date('2026-05-03T12:00:00Z');

function parts(overrides: Partial<RoutesParts> = {}): RoutesParts {
  const { deployment } = startRollout({
    desired: desiredDeployment(1),
    rolloutId: 'r',
    now: NOW,
  });
  return {
    environment: 'production',
    deployments: [deployment],
    versions: [modelVersion(1)],
    connections: [],
    upstreams: [],
    deprecations: new Map(),
    batching: { maxRows: 64, maxDelayMicros: 0 },
    recordedRowsPerSecond: 50,
    now: NOW,
    ...overrides,
  };
}

describe('buildRoutes', () => {
  it('tells a data plane all that it needs', () => {
    expect(buildRoutes(parts())).toEqual({
      formatVersion: 2,
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      createdAt: NOW.toISOString(),
      environment: 'production',
      models: [
        {
          model: 'digits',
          salt: 'production/digits/r',
          variants: [
            {
              kind: 'onnx',
              version: 1,
              weightPercent: 100,
              digest: digestOf(1),
              sizeBytes: 5_000_000_000,
              artifactPath: `/api/ai-registry/artifacts/${digestOf(1)}`,
              signature: modelVersion(1).signature,
              schema: undefined,
            },
          ],
          batching: { maxRows: 64, maxDelayMicros: 0 },
          recordedRowsPerSecond: 50,
        },
      ],
      connections: [],
    });
  });

  it('says that a digest is the one of a bundle, and nothing of it where it is not', () => {
    const variantOf = (version: RoutesParts['versions'][number]) =>
      buildRoutes(parts({ versions: [version] })).models[0].variants[0];
    expect(variantOf(modelVersion(1, { files: 3 }))).toMatchObject({
      digest: digestOf(1),
      files: 3,
    });
    expect(variantOf(modelVersion(1))).not.toHaveProperty('files');
  });

  it('has the same id for the same parts, at any time and in any order', () => {
    const { id } = buildRoutes(parts());
    const [deployment] = parts().deployments;
    const other = { ...deployment, model: 'other' };
    const versions = [modelVersion(1), modelVersion(1, { model: 'other' })];
    const two = (deployments: RoutesParts['deployments']) =>
      buildRoutes(parts({ deployments, versions })).id;
    const later = new Date('2026-05-04T12:00:00Z');
    expect(buildRoutes(parts({ now: later })).id).toBe(id);
    expect(two([deployment, other])).toBe(two([other, deployment]));
  });

  it('has another id when a weight, a version or a setting changes', () => {
    const { deployments } = parts();
    const [deployment] = deployments;
    const ids = [
      parts(),
      parts({ recordedRowsPerSecond: 0 }),
      parts({
        versions: [modelVersion(1), modelVersion(2)],
        deployments: [
          {
            ...deployment,
            split: withVersion(deployment.split, {
              version: 2,
              digest: digestOf(2),
            }),
          },
        ],
      }),
    ].map(part => buildRoutes(part).id);
    expect(new Set(ids).size).toBe(3);
  });

  it('computes requests where and as the manifest says, and calls models so', () => {
    const { deployment } = startRollout({
      desired: {
        ...desiredDeployment(1),
        batching: { mode: 'off' },
        placement: { mode: 'worker' },
        loading: { mode: 'on-demand' },
        languageModel: { aliases: ['gpt-4o'] },
      },
      rolloutId: 'r',
      now: NOW,
    });
    expect(
      buildRoutes(parts({ deployments: [deployment] })).models[0],
    ).toMatchObject({
      batching: { maxRows: 64, maxDelayMicros: 0, mode: 'off' },
      placement: 'worker',
      loading: 'on-demand',
      languageModel: { aliases: ['gpt-4o'] },
    });
  });

  it('tells what the connection of an external version is, and serves no other settings with a check', () => {
    const external = { connection: 'llm', model: 'small' };
    const version = modelVersion(1, { format: 'external', files: 1 });
    const versions = [{ ...version, signature: undefined, external }];
    const settings = { secret: 'file:openai' };
    const connection = { name: 'llm', kind: 'openai', settings };
    const built = buildRoutes(
      parts({
        versions,
        connections: [connection],
        upstreams: [{ ...connection, checkAttempt: 2 }],
      }),
    );
    expect(built.models[0].variants[0]).toEqual({
      kind: 'external',
      version: 1,
      weightPercent: 100,
      digest: digestOf(1),
      sizeBytes: 5_000_000_000,
      files: 1,
      artifactPath: `/api/ai-registry/artifacts/${digestOf(1)}`,
      connection,
    });
    expect(built.connections).toEqual([{ ...connection, checkAttempt: 2 }]);
    const unmapped = buildRoutes(parts({ versions }));
    expect(unmapped.models[0].variants[0]).not.toHaveProperty('connection');
    expect(unmapped.id).not.toBe(built.id);
  });

  it('leaves out a model that has no version to serve', () => {
    const [deployment] = parts().deployments;
    expect(
      buildRoutes(parts({ deployments: [{ ...deployment, split: [] }] }))
        .models,
    ).toEqual([]);
  });

  it('tells what is compared, and what can be given an outcome', () => {
    const [deployment] = parts().deployments;
    const compared = { comparison: { id: 'r.1', control: 1 } };
    const [route] = buildRoutes(
      parts({
        deployments: [
          {
            ...deployment,
            compared,
            outcomes: { samplePercent: 10, keepDays: 30 },
          },
        ],
      }),
    ).models;
    expect(route).toMatchObject({
      ...compared,
      outcomes: { samplePercent: 10 },
    });
  });
});
