import { mockServices } from '@backstage/backend-test-utils';
import { readTrialPlace } from './readTrialPlace';

const read = (kubernetes?: object) =>
  readTrialPlace(
    mockServices.rootConfig({
      data: { aiRegistry: { trial: { ...(kubernetes && { kubernetes }) } } },
    }),
  );
const PLACE = { namespace: 'trials', image: 'greenroom/data-plane:1' };

it('reads where a cluster tries versions, and nothing where none does', () => {
  expect(read()).toBeUndefined();
  expect(read(PLACE)).toEqual({
    ...PLACE,
    cpu: '1',
    startTimeoutMillis: 600_000,
  });
  const all = {
    ...PLACE,
    cluster: 'prod',
    cpu: '500m',
    nodeSelector: { disk: 'fast' },
    startTimeoutSeconds: 30,
  };
  expect(
    read({ ...all, controlPlaneUrl: 'https://portal.example.com/' }),
  ).toEqual({
    ...PLACE,
    cluster: 'prod',
    cpu: '500m',
    nodeSelector: { disk: 'fast' },
    controlPlaneUrl: 'https://portal.example.com',
    startTimeoutMillis: 30_000,
  });
});

it.each([
  [{ image: 'a' }, 'trial.kubernetes.namespace is not set'],
  [{ namespace: 'trials' }, 'trial.kubernetes.image is not set'],
  [{ ...PLACE, namespace: 'Trials' }, "trial.kubernetes.namespace is 'Trials'"],
  [{ ...PLACE, cpu: 'two' }, "trial.kubernetes.cpu is 'two'"],
  [{ ...PLACE, controlPlaneUrl: 'portal' }, 'trial.kubernetes.controlPlaneUrl'],
  [{ ...PLACE, startTimeoutSeconds: 0 }, 'startTimeoutSeconds is 0'],
  [{ ...PLACE, nodeSelector: { gpu: 1 } }, "nodeSelector['gpu'] is 1"],
])('refuses %j and names the setting', (settings, message) => {
  expect(() => read(settings)).toThrow(message);
});
