import type { Model } from '@greenroom/plugin-ai-registry-common';
import {
  findPlaces,
  isInEnvironment,
  isOwnerOfModelInEnvironment,
} from './placePermissions';

const iris: Model = {
  name: 'iris',
  externalName: 'iris',
  title: 'Iris',
  description: '',
  task: 'classification',
  owner: 'group:default/vision',
  tags: {},
  versionCount: 0,
  aliases: [],
  createdAt: '2026-11-25T00:00:00Z',
  createdBy: 'user:default/ada',
  updatedAt: '2026-11-25T00:00:00Z',
};

describe('findPlaces', () => {
  it('finds models by environment and name, each model once', async () => {
    const getModels = jest.fn(async (names: string[]) =>
      names.map(name => (name === 'iris' ? iris : undefined)),
    );
    const refs = [
      'dev/iris',
      'production/iris',
      'dev/nothing',
      'iris',
      'dev/iris/2',
    ];
    expect(await findPlaces(refs, getModels)).toEqual([
      { environment: 'dev', model: iris },
      { environment: 'production', model: iris },
      undefined,
      undefined,
      undefined,
    ]);
    expect(getModels).toHaveBeenCalledWith(['iris', 'nothing']);
  });
});

describe('rules about models in environments', () => {
  const inDev = { environment: 'dev', model: iris };

  it('tell owners from others', () => {
    const isOwner = (...claims: string[]) =>
      isOwnerOfModelInEnvironment.apply(inDev, { claims });
    expect(isOwner('user:default/ada', 'group:default/vision')).toBe(true);
    expect(isOwner('user:default/ada')).toBe(false);
  });

  it('tell one environment from another', () => {
    const isIn = (...environments: string[]) =>
      isInEnvironment.apply(inDev, { environments });
    expect(isIn('dev', 'staging')).toBe(true);
    expect(isIn('production')).toBe(false);
  });
});
