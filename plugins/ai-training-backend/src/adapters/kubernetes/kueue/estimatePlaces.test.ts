import { estimatePlaces } from './estimatePlaces';
import type { Workload } from './Workload';

const workload = (
  uid: string,
  more: {
    queueName?: string;
    priority?: number;
    active?: boolean;
    at?: string;
    has?: string;
  } = {},
): Workload => {
  const { at = '2026-05-03T08:00:00Z', has, ...spec } = more;
  return {
    metadata: { uid, name: uid, creationTimestamp: new Date(at) },
    spec: { queueName: 'a', ...spec },
    status: {
      conditions: has === undefined ? [] : [{ type: has, status: 'True' }],
    },
  };
};
const positions = (workloads: Workload[]) =>
  Object.fromEntries(
    [...estimatePlaces(workloads)].map(([uid, { position }]) => [
      uid,
      position,
    ]),
  );

it('counts those that wait, by priority and then by age, each queue for itself', () => {
  expect(
    positions([
      workload('young', { at: '2026-05-03T09:00:00Z' }),
      workload('old'),
      workload('urgent', { priority: 10, at: '2026-05-03T10:00:00Z' }),
      workload('unimportant', { priority: -1 }),
      workload('other', { queueName: 'b' }),
    ]),
  ).toEqual({ urgent: 1, old: 2, young: 3, unimportant: 4, other: 1 });
});

it('counts none that runs, has its quota, has ended, or may not run', () => {
  expect(
    positions([
      workload('reserved', { has: 'QuotaReserved' }),
      workload('finished', { has: 'Finished' }),
      workload('inactive', { active: false }),
      workload('waits', { at: '2026-05-03T11:00:00Z' }),
    ]),
  ).toEqual({ waits: 1 });
});

it('has an order for those of the same moment, and says that it has counted', () => {
  const all = [workload('c'), workload('a'), workload('b')];
  expect(positions(all)).toEqual({ a: 1, b: 2, c: 3 });
  expect(estimatePlaces(all).get('a')).toEqual({
    position: 1,
    isEstimate: true,
  });
});

it('counts ten thousand', () => {
  const all = Array.from({ length: 10_000 }, (_, i) =>
    workload(`w${i}`, { priority: i }),
  );
  expect(estimatePlaces(all).get('w0')?.position).toBe(10_000);
});
