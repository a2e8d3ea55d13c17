import { ConfigReader } from '@backstage/config';
import { mockServices } from '@backstage/backend-test-utils';
import {
  EnvironmentConnections,
  Environments,
  readFlavors,
} from '@greenroom/plugin-ai-registry-common';
import { readKubernetesConfig } from '@greenroom/cluster-client';
import { readInferenceConfig } from '../config';
import { createDeployers } from './createDeployers';

const create = (
  data: object,
  options: { takesIssuedTokens?: boolean } = {},
) => {
  const config = new ConfigReader({
    greenroom: {
      environments: [
        { name: 'dev', deployer: { kind: 'local', idleMinutes: 2 } },
        { name: 'live' },
      ],
    },
    ...data,
  });
  return createDeployers({
    environments: Environments.fromConfig(config),
    connections: EnvironmentConnections.fromConfig(config),
    settings: readInferenceConfig(config).localDataPlanes,
    kubernetes: readKubernetesConfig(config),
    flavors: readFlavors(config),
    takesIssuedTokens: options.takesIssuedTokens ?? true,
    tokens: {
      lend: async () => ({ secret: '' }),
      renew: async names => names,
      takeBack: async () => {},
    },
    controlPlaneUrl: async () => '',
    logger: mockServices.logger.mock(),
    clock: () => new Date(),
  });
};

describe('createDeployers', () => {
  const localDataPlanes = { directory: '.data', program: __filename };

  it('gives each environment the deployer that is configured', () => {
    const deployers = create({ aiInference: { localDataPlanes } });
    expect(
      [...deployers].map(([name, { deployer, idleMillis }]) => [
        name,
        deployer.isManaging,
        idleMillis,
      ]),
    ).toEqual([
      ['dev', true, 120_000],
      ['live', false, 0],
    ]);
  });

  it('takes the program that versions are tried with', () => {
    const deployers = create({
      aiInference: { localDataPlanes: { directory: '.data' } },
      aiRegistry: { trial: { program: __filename } },
    });
    expect(deployers.size).toBe(2);
  });

  it.each<[string, object, boolean, string]>([
    [
      'without a folder',
      {},
      true,
      'as aiInference.localDataPlanes.directory, which is not set',
    ],
    [
      'without a program',
      { aiInference: { localDataPlanes: { directory: '.data' } } },
      true,
      'as aiRegistry.trial.program or aiInference.localDataPlanes.program, neither of which is set',
    ],
    [
      'with a program that is not there',
      {
        aiInference: {
          localDataPlanes: { directory: '.data', program: '/no/such/main.cjs' },
        },
      },
      true,
      "there is no program '/no/such/main.cjs': build or install",
    ],
    [
      'where the tokens that it issues are not taken',
      { aiInference: { localDataPlanes } },
      false,
      'add { type: greenroom, options: { from: portal } } to backend.auth.externalAccess',
    ],
  ])('refuses to start %s', (_what, data, takesIssuedTokens, message) => {
    expect(() => create(data, { takesIssuedTokens })).toThrow(message);
    expect(() => create(data, { takesIssuedTokens })).toThrow(
      'The control plane runs the data planes of dev',
    );
  });

  it('refuses a flavor that there is not, with those that there are', () => {
    const deployer = {
      kind: 'kubernetes',
      namespace: 'models',
      image: 'example/data-plane:1',
      flavor: 'h100',
    };
    const resources = { 'nvidia.com/gpu': 1 };
    const start = () =>
      create({
        greenroom: {
          flavors: [{ name: 'a100', resources }],
          environments: [{ name: 'dev' }, { name: 'live', deployer }],
        },
      });
    expect(start).toThrow(
      "greenroom.environments[1].deployer.flavor is 'h100': expected one of greenroom.flavors, which are a100",
    );
  });
});
