import { ConfigReader } from '@backstage/config';
import {
  Environments,
  readFlavors,
} from '@greenroom/plugin-ai-registry-common';
import { machinesOf } from './machinesOf';

const A100 = {
  flavor: 'a100',
  title: 'NVIDIA A100',
  pricePerHour: { amount: 2.5, currency: 'EUR' },
};

function machines(deployer: object) {
  const config = new ConfigReader({
    greenroom: {
      flavors: [
        {
          name: 'a100',
          title: 'NVIDIA A100',
          resources: { 'nvidia.com/gpu': 1 },
          pricePerHour: 2.5,
          currency: 'EUR',
        },
        { name: 'small', resources: { cpu: 1 } },
      ],
      environments: [{ name: 'live', deployer }],
    },
  });
  const [environment] = Environments.fromConfig(config).all;
  return machinesOf(environment.deployer, readFlavors(config));
}

const KUBERNETES = {
  kind: 'kubernetes',
  namespace: 'models',
  image: 'example/serving:1',
};

it('are the flavors that the deployer names, with their prices where there are some', () => {
  expect(machines({ ...KUBERNETES, flavor: 'a100' })).toEqual({
    machine: { ...A100, count: 1 },
  });
  expect(machines({ ...KUBERNETES, flavor: 'small' })).toEqual({
    machine: { flavor: 'small', title: 'small', count: 1 },
  });
});

it('are those of model servers, too, which may take several', () => {
  const server = { template: 'triton', image: 'example/triton:1' };
  expect(
    machines({
      ...KUBERNETES,
      modelServers: [
        { ...server, name: 'big', flavor: 'a100', count: 2 },
        { ...server, name: 'plain' },
      ],
    }),
  ).toEqual({ serverMachines: { big: { ...A100, count: 2 } } });
});

it('are none without a flavor, or without a cluster', () => {
  expect(machines(KUBERNETES)).toEqual({});
  expect(machines({ kind: 'none' })).toEqual({});
});
