import { mockServices } from '@backstage/backend-test-utils';
import type { Model } from '@greenroom/plugin-ai-registry-common';
import {
  isDeployedInEnvironment,
  isOwnerOfDeployedModel,
} from './deploymentPermissions';
import { ModelOwners } from './ModelOwners';

const NOT_FOUND = Object.assign(new Error('no such model'), {
  statusCode: 404,
});

function setUp() {
  let now = new Date('2026-11-25T12:00:00Z');
  let owner = 'group:default/vision';
  const getModel = jest.fn(async (name: string) => {
    if (name === 'iris') return { name, owner } as Model;
    throw name === 'broken' ? new Error('connection refused') : NOT_FOUND;
  });
  return {
    getModel,
    owners: new ModelOwners({
      registry: { getModel },
      auth: mockServices.auth(),
      clock: () => now,
    }),
    passSeconds: (seconds: number) => {
      now = new Date(now.getTime() + seconds * 1_000);
    },
    giveTo: (newOwner: string) => {
      owner = newOwner;
    },
  };
}

describe('ModelOwners', () => {
  it('names the owner of the model behind each deployment', async () => {
    const { owners, getModel } = setUp();
    const refs = ['dev/iris', 'production/iris', 'dev/nothing', 'iris'];
    expect(await owners.findDeployments(refs)).toEqual([
      { environment: 'dev', model: 'iris', owner: 'group:default/vision' },
      {
        environment: 'production',
        model: 'iris',
        owner: 'group:default/vision',
      },
      undefined,
      undefined,
    ]);
    expect(getModel).toHaveBeenCalledTimes(2);
  });

  it('takes an environment as a whole for owned by nobody: only rules about environments fit', async () => {
    const { owners, getModel } = setUp();
    const [whole] = await owners.findDeployments(['dev/*']);
    expect(getModel).not.toHaveBeenCalled();
    expect(isOwnerOfDeployedModel.apply(whole!, { claims: [''] })).toBe(false);
    expect(
      isDeployedInEnvironment.apply(whole!, { environments: ['dev'] }),
    ).toBe(true);
  });

  it('forgets an owner after seconds', async () => {
    const { owners, giveTo, passSeconds } = setUp();
    await owners.find('iris');
    giveTo('group:default/health');
    expect(await owners.find('iris')).toBe('group:default/vision');
    passSeconds(5);
    expect(await owners.find('iris')).toBe('group:default/health');
  });

  it('does not take a registry that is away for a model that does not exist', async () => {
    const { owners } = setUp();
    await expect(owners.findDeployments(['dev/broken'])).rejects.toThrow(
      /registry does not answer.*'broken'/,
    );
  });
});

describe('rules about deployments', () => {
  const resource = {
    environment: 'production',
    model: 'iris',
    owner: 'group:default/vision',
  };

  it('tell owners from others, and one environment from another', () => {
    const { apply: isOwner } = isOwnerOfDeployedModel;
    expect(isOwner(resource, { claims: ['group:default/vision'] })).toBe(true);
    expect(isOwner(resource, { claims: ['user:default/ada'] })).toBe(false);
    const { apply: isIn } = isDeployedInEnvironment;
    expect(isIn(resource, { environments: ['production'] })).toBe(true);
    expect(isIn(resource, { environments: ['dev', 'staging'] })).toBe(false);
  });
});
