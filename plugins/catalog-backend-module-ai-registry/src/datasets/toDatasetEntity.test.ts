import { resourceEntityV1alpha1Validator } from '@backstage/catalog-model';
import type { Dataset } from '@greenroom/plugin-ai-registry-common';
import { toDatasetEntity } from './toDatasetEntity';

const capitals: Dataset = {
  name: 'capital-cities',
  title: 'Capital cities',
  description: 'Questions and answers',
  owner: 'group:default/ml-platform',
  tags: { language: 'en', for: 'Chat models' },
  versionCount: 2,
  latestVersion: 2,
  createdAt: '2026-05-03T12:00:00.000Z',
  createdBy: 'user:default/ada',
  updatedAt: '2026-05-03T12:00:00.000Z',
};
const options = { pageOf: (name: string) => `http://portal/datasets/${name}` };

describe('toDatasetEntity', () => {
  it('is a resource of a namespace of its own, that leads to the page of the dataset', async () => {
    const entity = toDatasetEntity(capitals, options);
    expect(entity).toMatchObject({
      kind: 'Resource',
      metadata: {
        namespace: 'datasets',
        name: 'capital-cities',
        title: 'Capital cities',
        annotations: {
          'greenroom.dev/dataset': 'capital-cities',
          'backstage.io/managed-by-location':
            'url:http://portal/datasets/capital-cities',
        },
        labels: { 'greenroom.dev/latest-version': '2' },
        tags: ['language-en', 'for-chat-models'],
      },
      spec: { type: 'dataset', owner: 'group:default/ml-platform' },
    });
    await expect(resourceEntityV1alpha1Validator.check(entity)).resolves.toBe(
      true,
    );
  });

  it('has no label before the first version', async () => {
    const entity = toDatasetEntity(
      { ...capitals, description: '', latestVersion: undefined },
      options,
    );
    expect(entity.metadata).not.toHaveProperty('labels');
    expect(entity.metadata).not.toHaveProperty('description');
    await expect(resourceEntityV1alpha1Validator.check(entity)).resolves.toBe(
      true,
    );
  });
});
