import type { KubernetesObject } from '@kubernetes/client-node';
import type { ClusterClient } from '@greenroom/cluster-client';
import { LentToken } from './LentToken';
import type { WantedDataPlane } from './objects';

const WANTED: WantedDataPlane = {
  environment: 'live',
  installation: 'test',
  settings: {
    kind: 'kubernetes',
    namespace: 'models',
    image: 'example/data-plane:1',
    replicas: { min: 1, max: 1 },
    scaleOn: {},
    resources: { cpu: '1', memory: '1Gi' },
    drift: 'repair',
  },
  controlPlaneUrl: 'http://portal.example',
  publicUrl: 'http://models.example',
};

it('is renewed also while the cluster does not answer: pods go on with what they have', async () => {
  let nowMillis = 0;
  let isAway = false;
  let secret: KubernetesObject | undefined;
  const renewed: string[] = [];
  const client = {
    read: async () => {
      if (isAway) throw new Error('the cluster cannot be reached');
      return secret;
    },
    apply: async (object: KubernetesObject) => (secret = object),
  } as unknown as ClusterClient;
  const token = new LentToken({
    client,
    tokens: {
      lend: async () => ({ secret: 'grt_secret' }),
      renew: async names => {
        renewed.push(...names);
        return names;
      },
      takeBack: async () => {},
    },
    clock: () => new Date(nowMillis),
  });
  await token.ensure(WANTED);
  isAway = true;
  for (let pass = 0; pass < 3; pass++) {
    nowMillis += 6 * 60_000;
    await expect(token.ensure(WANTED)).rejects.toThrow('cannot be reached');
  }
  expect(renewed).toHaveLength(3);
});
