import { mockServices } from '@backstage/backend-test-utils';
import { createKubernetesBackends } from './createKubernetesBackends';

const PLACE = {
  namespace: 'training',
  controlPlaneUrl: 'https://portal.example.com',
  fetchImage: 'example/data-plane:1',
};
const create = (aiTraining: object) =>
  createKubernetesBackends({
    logger: mockServices.logger.mock(),
    config: mockServices.rootConfig({
      data: {
        aiTraining,
        greenroom: {
          flavors: [
            { name: 'a100', resources: { 'nvidia.com/gpu': 1 }, capacity: 4 },
          ],
        },
        kubernetes: {
          clusterLocatorMethods: [
            {
              type: 'config',
              clusters: [
                {
                  name: 'prod',
                  url: 'https://10.0.0.1:6443',
                  authProvider: 'serviceAccount',
                  serviceAccountToken: 'of-prod',
                },
              ],
            },
          ],
        },
      } as object,
    }),
  });

it('makes a backend of each cluster, and none where none is set', async () => {
  expect(create({})).toEqual([]);
  const [backend] = create({ kubernetes: [{ ...PLACE, cluster: 'prod' }] });
  expect(backend.name).toBe('prod');
  expect([...(await backend.capacity())]).toEqual([
    ['any', undefined],
    ['a100', 4],
  ]);
  await backend.close();
});

it('names the setting of a cluster that is not known', () => {
  expect(() => create({ kubernetes: [{ ...PLACE, cluster: 'test' }] })).toThrow(
    "aiTraining.kubernetes[0].cluster: no cluster 'test' is configured: kubernetes.clusterLocatorMethods has prod",
  );
});
