import { ConfigReader } from '@backstage/config';
import { readKubernetesDeployer } from './kubernetesDeployerSettings';

const read = (changes: Record<string, unknown>) =>
  readKubernetesDeployer(
    new ConfigReader({
      namespace: 'models',
      image: 'example/data-plane:1',
      replicas: { min: 1, max: 4 },
      ...(changes as {}),
    }),
    'environments[0].deployer',
  );

describe('scaleOn', () => {
  it('is the processors where nothing is said', () => {
    expect(read({}).scaleOn).toEqual({ cpuPercent: 70 });
  });

  it('is what is named, and nothing else', () => {
    expect(
      read({ scaleOn: { requestsInFlight: 16, requestsQueued: 4 } }).scaleOn,
    ).toEqual({ requestsInFlight: 16, requestsQueued: 4 });
  });

  it.each([
    [{ scaleOn: {} }, 'scaleOn names nothing'],
    [
      { scaleOn: { cpuPercent: 101 } },
      'scaleOn.cpuPercent is 101: expected a whole number from 1 to 100',
    ],
    [
      { scaleOn: { requestsInFlight: 0 } },
      'scaleOn.requestsInFlight is 0: expected a whole number from 1 to 100000',
    ],
    [
      { scaleOn: { requestsInFlight: 16 }, replicas: 2 },
      'scaleOn is set, and there are always 2 pods',
    ],
  ])('does not take %j', (changes, expected) => {
    expect(() => read(changes)).toThrow(expected);
  });
});
