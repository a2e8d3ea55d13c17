import { startRollout } from '../deployments/deployment';
import { withVersion } from '../deployments/trafficSplit';
import {
  desiredDeployment,
  digestOf,
  modelVersion,
} from '../__testUtils__/fixtures';
import { buildSnapshot, type SnapshotParts } from './buildSnapshot';

const NOW = new Date('2026-05-03T12:00:00Z');

function parts(overrides: Partial<SnapshotParts> = {}): SnapshotParts {
  const { deployment } = startRollout({
    desired: desiredDeployment(1),
    rolloutId: 'r',
    now: NOW,
  });
  return {
    environment: 'production',
    deployments: [deployment],
    versions: [modelVersion(1)],
    keys: [
      { id: 'b', name: 'two', sha256: '22', models: ['*'] },
      { id: 'a', name: 'one', sha256: '11', models: ['digits'] },
    ],
    batching: { maxRows: 64, maxDelayMicros: 0 },
    recordedRowsPerSecond: 50,
    now: NOW,
    ...overrides,
  };
}

describe('buildSnapshot', () => {
  it('tells a data plane all that it needs', () => {
    expect(buildSnapshot(parts())).toEqual({
      formatVersion: 1,
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      createdAt: NOW.toISOString(),
      environment: 'production',
      models: [
        {
          model: 'digits',
          salt: 'production/digits/r',
          variants: [
            {
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
      keys: [
        { id: 'a', name: 'one', sha256: '11', models: ['digits'] },
        { id: 'b', name: 'two', sha256: '22', models: ['*'] },
      ],
    });
  });

  it('has the same id for the same parts, at any time and in any order', () => {
    const { id } = buildSnapshot(parts());
    const { keys } = parts();
    const later = new Date('2026-05-04T12:00:00Z');
    expect(buildSnapshot(parts({ now: later })).id).toBe(id);
    expect(buildSnapshot(parts({ keys: keys.reverse() })).id).toBe(id);
  });

  it('has another id when a weight, a key or a setting changes', () => {
    const { deployments } = parts();
    const [deployment] = deployments;
    const ids = [
      parts(),
      parts({ keys: [] }),
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
    ].map(part => buildSnapshot(part).id);
    expect(new Set(ids).size).toBe(4);
  });

  it('leaves out a model that has no version to serve', () => {
    const [deployment] = parts().deployments;
    expect(
      buildSnapshot(parts({ deployments: [{ ...deployment, split: [] }] }))
        .models,
    ).toEqual([]);
  });
});
