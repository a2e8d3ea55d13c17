import { ClusterError } from '@greenroom/cluster-client';
import { PendingWorkloads } from './PendingWorkloads';

/** Answers as Kueue's visibility server does. */
function createServer(queues: Record<string, number>) {
  const server = {
    asked: [] as string[],
    failure: undefined as ClusterError | undefined,
    nowMillis: 0,
    async readPath(path: string, query: Record<string, string> = {}) {
      server.asked.push(path);
      if (server.failure) throw server.failure;
      if (path.includes('/v1beta2/')) {
        throw new ClusterError('404 page not found', 404);
      }
      const queue = path.split('/').at(-2) ?? '';
      const count = queues[queue];
      if (count === undefined) {
        throw new ClusterError(
          `localqueue.visibility.kueue.x-k8s.io "${queue}" not found`,
          404,
        );
      }
      const offset = Number(query.offset);
      const length = Math.max(0, Math.min(count - offset, Number(query.limit)));
      return {
        items: Array.from({ length }, (_, i) => ({
          metadata: { name: `${queue}-${offset + i}` },
          positionInLocalQueue: offset + i,
          positionInClusterQueue: 2 * (offset + i) + 5,
        })),
      };
    },
  };
  const pending = new PendingWorkloads({
    client: server,
    namespace: 'training',
    nowMillis: () => server.nowMillis,
  });
  return { server, pending };
}

it('counts from one, over pages, by an older API where the newest is not served', async () => {
  const { pending } = createServer({ vision: 2_500 });
  await pending.read(new Set(['vision']));
  expect(pending.isKnown).toBe(true);
  expect(pending.placeOf('vision-0')).toEqual({ position: 1, before: 5 });
  expect(pending.placeOf('vision-2499')).toEqual({
    position: 2_500,
    before: 5_003,
  });
  expect(pending.placeOf('vision-2500')).toBeUndefined();
});

it('knows those of other queues where one is not there', async () => {
  const { pending } = createServer({ vision: 1 });
  await pending.read(new Set(['gone', 'vision']));
  expect(pending.placeOf('vision-0')?.position).toBe(1);
});

it('reads no more than ten pages of a queue', async () => {
  const { server, pending } = createServer({ endless: Infinity });
  await pending.read(new Set(['endless']));
  expect(server.asked.filter(path => path.includes('v1beta1'))).toHaveLength(
    10,
  );
});

it('says which right it lacks, knows nothing then, and asks again later', async () => {
  const { server, pending } = createServer({ vision: 1 });
  await pending.read(new Set(['vision']));
  server.failure = new ClusterError('forbidden', 403);
  server.nowMillis = 5_000;
  await pending.read(new Set(['vision']));
  expect(pending.isKnown).toBe(false);
  expect(pending.placeOf('vision-0')).toBeUndefined();
  expect(pending.problem).toBe(
    "the places of jobs in Kueue's queues are estimates, since the portal may not read them: it lacks the right to get localqueues/pendingworkloads of visibility.kueue.x-k8s.io in the namespace training",
  );
  server.failure = undefined;
  const before = server.asked.length;
  server.nowMillis = 34_000;
  await pending.read(new Set(['vision']));
  expect(server.asked).toHaveLength(before);
  server.nowMillis = 35_000;
  await pending.read(new Set(['vision']));
  expect(pending.isKnown).toBe(true);
  expect(pending.problem).toBeUndefined();
});

it('leaves a cluster that does not serve it alone for minutes, and asks nothing for no queue', async () => {
  const { server, pending } = createServer({});
  await pending.read(new Set());
  expect(server.asked).toEqual([]);
  server.failure = new ClusterError('404 page not found', 404);
  await pending.read(new Set(['vision']));
  expect(pending.problem).toBeUndefined();
  expect(server.asked).toHaveLength(2);
  server.nowMillis = 299_000;
  await pending.read(new Set(['vision']));
  expect(server.asked).toHaveLength(2);
});

it('asks once where it is still being answered', async () => {
  const { server, pending } = createServer({ vision: 1 });
  const both = [
    pending.read(new Set(['vision'])),
    pending.read(new Set(['vision'])),
  ];
  await Promise.all(both);
  expect(server.asked).toHaveLength(2);
});
