import { DEFAULT_ENVIRONMENTS } from '@greenroom/plugin-ai-registry-common';
import { resourceEntityV1alpha1Validator } from '@backstage/catalog-model';
import type { Model } from '@greenroom/plugin-ai-registry-common';
import { toModelEntity } from './toModelEntity';

const digits: Model = {
  name: 'digits',
  externalName: 'digits',
  title: 'Handwritten digits',
  description: 'Reads a digit from a small image.',
  task: 'classification',
  owner: 'group:default/vision-team',
  system: 'system:default/ai-demo',
  tags: { domain: 'Computer Vision', demo: 'true', '': '', '***': '***' },
  versionCount: 2,
  latestVersion: 2,
  aliases: [
    { alias: 'champion', version: 2 },
    { alias: 'production', version: 1 },
  ],
  createdAt: '2026-05-03T12:00:00.000Z',
  createdBy: 'user:default/ada',
  updatedAt: '2026-05-03T12:00:00.000Z',
};

const options = {
  pageOf: (name: string) =>
    `https://portal.example.org/ai-registry/models/${name}`,
  environments: DEFAULT_ENVIRONMENTS,
};

describe('toModelEntity', () => {
  it('describes the model in the words of the catalog', async () => {
    const entity = toModelEntity({ model: digits, deployments: [] }, options);
    const url = 'https://portal.example.org/ai-registry/models/digits';
    expect(entity).toEqual({
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Resource',
      metadata: {
        namespace: 'default',
        name: 'digits',
        title: 'Handwritten digits',
        description: 'Reads a digit from a small image.',
        annotations: {
          'backstage.io/managed-by-location': `url:${url}`,
          'backstage.io/managed-by-origin-location': `url:${url}`,
          'greenroom.dev/model': 'digits',
          'greenroom.dev/updated-at': '2026-05-03T12:00:00.000Z',
        },
        labels: {
          'greenroom.dev/latest-version': '2',
          'greenroom.dev/production-version': '1',
        },
        links: [{ url, title: 'Model registry', type: 'ai-model' }],
        tags: ['classification', 'domain-computer-vision', 'demo'],
      },
      spec: {
        type: 'ai-model',
        owner: 'group:default/vision-team',
        system: 'system:default/ai-demo',
        lifecycle: 'experimental',
        environments: [],
      },
    });
    await expect(resourceEntityV1alpha1Validator.check(entity)).resolves.toBe(
      true,
    );
  });

  it('stays valid for a model that has next to nothing', async () => {
    const entity = toModelEntity(
      {
        model: {
          ...digits,
          description: '',
          system: undefined,
          latestVersion: undefined,
          aliases: [],
          tags: { note: `${'long '.repeat(30)}` },
        },
        deployments: [],
      },
      options,
    );
    expect(entity.metadata.labels).toEqual({});
    expect(entity.spec).not.toHaveProperty('system');
    expect(entity.metadata.tags).toEqual([
      'classification',
      expect.stringMatching(/^note-long(?:-long)+(?:-l?o?n?)?$/),
    ]);
    expect(entity.metadata.tags?.[1].length).toBeLessThanOrEqual(63);
    await expect(resourceEntityV1alpha1Validator.check(entity)).resolves.toBe(
      true,
    );
  });

  it('is in production where the last environment serves it, whatever Git wants there', () => {
    const specWith = (environment: string, isServed: boolean) =>
      toModelEntity(
        {
          model: digits,
          deployments: [
            {
              environment,
              wanted: { version: 1, digest: 'sha256:1' },
              serving: isServed
                ? [{ version: 1, digest: 'sha256:1', sharePercent: 100 }]
                : [],
              state: 'moving',
            },
          ],
        },
        options,
      ).spec;
    expect(specWith('production', true)).toMatchObject({
      lifecycle: 'production',
    });
    expect(specWith('production', false)).toMatchObject({
      lifecycle: 'experimental',
    });
    expect(specWith('staging', true)).toMatchObject({
      lifecycle: 'experimental',
    });
  });

  it('is deprecated where its owner says so, also in production', () => {
    const deprecation = {
      since: '2026-05-03T12:00:00.000Z',
      message: 'Another one reads more.',
      deprecatedBy: 'user:default/ada',
    };
    const entity = toModelEntity(
      { model: { ...digits, deprecation }, deployments: [] },
      options,
    );
    expect(entity.spec).toMatchObject({ lifecycle: 'deprecated' });
  });
});
