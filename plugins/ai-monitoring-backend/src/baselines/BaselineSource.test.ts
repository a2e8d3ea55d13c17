import { mockServices } from '@backstage/backend-test-utils';
import { freezeBaseline } from '@greenroom/ml-kit';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import { BaselineSource } from './BaselineSource';

/** A registry of versions that have so many features; a version of none does not exist. */
function start(features: Record<number, number>) {
  const asked: string[] = [];
  const source = new BaselineSource({
    auth: mockServices.auth(),
    registry: new AiRegistryClient({
      discoveryApi: { getBaseUrl: async () => 'http://registry' },
      fetchApi: {
        fetch: async (url: RequestInfo | URL) => {
          const version = String(url).split('/').at(-1) ?? '';
          asked.push(version);
          const count = features[Number(version)];
          if (count === undefined) return new Response('{}', { status: 404 });
          const names = Array.from({ length: count }, (_, i) => `f${i}`);
          return Response.json({
            signature: { inputs: [], outputs: [] },
            baseline: freezeBaseline({
              featureNames: names,
              features: [names.map(() => 1)],
              task: 'regression',
            }),
          });
        },
      },
    }),
  });
  return { source, asked, features };
}

describe('BaselineSource', () => {
  it('asks once for a version', async () => {
    const { source, asked } = start({ 1: 3 });
    for (let i = 0; i < 3; i++) {
      expect((await source.find('m', 1))?.features).toHaveLength(3);
    }
    expect(asked).toEqual(['1']);
  });

  it('finds a version that is registered after it was asked for', async () => {
    const { source, features } = start({});
    expect(await source.find('m', 1)).toBeUndefined();
    features[1] = 2;
    expect(await source.find('m', 1)).toBeDefined();
  });

  it('forgets what was not used for longest, by its size', async () => {
    const { source, asked } = start({ 1: 40_000, 2: 40_000, 3: 40_000 });
    for (const version of [1, 2, 1, 3, 1, 2]) await source.find('m', version);
    expect(asked).toEqual(['1', '2', '3', '2']);
  });
});
