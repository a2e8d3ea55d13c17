import { ClusterError } from '@greenroom/cluster-client';
import { passPauseMillis } from './passPause';

const REFUSED = new ClusterError('exceeded quota', 403);
const AWAY = new ClusterError('the cluster cannot be reached');

describe('passPauseMillis', () => {
  it('grows up to five minutes where the cluster refuses', () => {
    expect(
      [1, 2, 5, 9, 10, 100].map(attempts => passPauseMillis(attempts, REFUSED)),
    ).toEqual([1_000, 2_000, 16_000, 256_000, 300_000, 300_000]);
  });

  it('stays at half a minute where it does not answer', () => {
    expect(
      [1, 2, 5, 9, 10, 100].map(attempts => passPauseMillis(attempts, AWAY)),
    ).toEqual([1_000, 2_000, 16_000, 30_000, 30_000, 30_000]);
  });
});
