import { AccessReviews } from './AccessReviews';

const USER = {
  user: 'autoscaler',
  groups: ['system:authenticated'],
  extra: { 'example.org/scopes': ['metrics'] },
};
const ASKED = { namespace: 'models', metric: 'greenroom_requests_queued' };

function cluster(answer: { allowed: boolean }) {
  const asked: unknown[] = [];
  let nowMillis = 0;
  const reviews = new AccessReviews({
    client: {
      create: async object => {
        asked.push(object.spec);
        return { status: { ...answer } } as object;
      },
    },
    now: () => nowMillis,
  });
  return { reviews, asked, wait: (millis: number) => (nowMillis += millis) };
}

it('asks the cluster for whom it is, and not again within a minute', async () => {
  const { reviews, asked, wait } = cluster({ allowed: true });
  expect(await reviews.mayRead(USER, ASKED)).toBe(true);
  expect(await reviews.mayRead(USER, ASKED)).toBe(true);
  expect(asked).toEqual([
    {
      ...USER,
      resourceAttributes: {
        group: 'external.metrics.k8s.io',
        resource: 'greenroom_requests_queued',
        namespace: 'models',
        verb: 'get',
      },
    },
  ]);
  wait(60_001);
  await reviews.mayRead(USER, ASKED);
  expect(asked).toHaveLength(2);
});

it('asks for each namespace, each group and whatever else the cluster knows of who asks', async () => {
  const { reviews, asked } = cluster({ allowed: false });
  expect(await reviews.mayRead(USER, ASKED)).toBe(false);
  await reviews.mayRead(USER, { ...ASKED, namespace: 'others' });
  await reviews.mayRead({ ...USER, groups: [] }, ASKED);
  await reviews.mayRead({ ...USER, extra: {} }, ASKED);
  expect(asked).toHaveLength(4);
});

it('forgets what it knows before it grows without end', async () => {
  const { reviews, asked } = cluster({ allowed: true });
  for (let index = 0; index <= 1_000; index++) {
    await reviews.mayRead({ ...USER, user: `user-${index}` }, ASKED);
  }
  await reviews.mayRead({ ...USER, user: 'user-0' }, ASKED);
  expect(asked).toHaveLength(1_002);
});
