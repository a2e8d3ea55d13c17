import { mockServices } from '@backstage/backend-test-utils';
import type { ClusterClient } from '@greenroom/cluster-client';
import { KubernetesWorkload } from './KubernetesWorkload';

const MINUTE = 60_000;

describe('KubernetesWorkload', () => {
  it('has turns of those who wait while somebody does, and looks again in turns of its own', async () => {
    let nowMillis = 0;
    const turns: boolean[] = [];
    const workload = new KubernetesWorkload({
      client: {} as ClusterClient,
      view: { deployments: [], pods: [], refusal: undefined },
      describe: async () => ({
        standing: [],
        running: [],
        routes: [],
        unneeded: [],
        former: [],
        drift: 'repair',
      }),
      name: 'greenroom-live',
      title: 'The data planes of live',
      isOwnPod: () => true,
      publicUrl: 'http://live',
      logger: mockServices.logger.mock(),
      clock: () => new Date(nowMillis),
      onChanged: () => {},
      inTurn: (work, { isAwaited }) => {
        turns.push(isAwaited);
        return work();
      },
    });
    const look = async (wanted: boolean) => {
      workload.want(wanted);
      await new Promise(setImmediate);
    };
    await look(true);
    await look(true);
    expect(turns).toEqual([true]);
    nowMillis += MINUTE;
    await look(true);
    expect(turns).toEqual([true, false]);
    await look(false);
    expect(turns).toEqual([true, false, true]);
  });
});
