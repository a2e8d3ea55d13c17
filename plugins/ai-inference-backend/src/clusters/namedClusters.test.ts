import { ConfigReader } from '@backstage/config';
import { Environments } from '@greenroom/plugin-ai-registry-common';
import { namedClusters } from './namedClusters';

const KUBERNETES = {
  kind: 'kubernetes',
  namespace: 'models',
  image: 'example/serving:1',
};

it('has each cluster once, with its environments and the flavors of their data planes and model servers', () => {
  const triton = { template: 'triton', image: 'example/triton:1' };
  const environments = [
    { name: 'dev' },
    {
      name: 'staging',
      deployer: { ...KUBERNETES, cluster: 'prod', flavor: 'small' },
    },
    { name: 'own', deployer: KUBERNETES },
    {
      name: 'live',
      deployer: {
        ...KUBERNETES,
        cluster: 'prod',
        modelServers: [
          { ...triton, name: 'big', flavor: 'a100' },
          { ...triton, name: 'plain' },
        ],
      },
    },
  ];
  const config = new ConfigReader({ greenroom: { environments } });
  expect(namedClusters(Environments.fromConfig(config))).toEqual([
    {
      name: 'prod',
      environments: [
        { name: 'staging', flavors: ['small'] },
        { name: 'live', flavors: ['a100'] },
      ],
    },
    { environments: [{ name: 'own', flavors: [] }] },
  ]);
});
