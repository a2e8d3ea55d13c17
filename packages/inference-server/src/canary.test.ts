import type { WholeSnapshot } from './snapshot/parseDocuments';
import { linear, row, v1, v2, versionThatAnswers } from './testing/linear';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

let server: TestServer;

async function start(snapshot = linear(v1())): Promise<void> {
  server = await TestServer.create(snapshot);
  await server.start();
}

afterEach(() => server.close());

async function publish(snapshot: WholeSnapshot): Promise<void> {
  const { controlPlane } = server;
  controlPlane.snapshot = snapshot;
  await waitFor(() => controlPlane.latestReport?.snapshotId === snapshot.id);
}

describe('a canary', () => {
  it('keeps callers where they are while its share grows', async () => {
    await start(linear(v1(100), v2(0)));
    const callers = Array.from({ length: 60 }, (_, i) => `caller-${i}`);
    const assign = async () =>
      new Map(
        await Promise.all(
          callers.map(
            async id => [id, await versionThatAnswers(server, id)] as const,
          ),
        ),
      );
    let latest = await assign();
    expect(new Set(latest.values())).toEqual(new Set(['1']));
    const shares: number[] = [];
    for (const weight of [10, 30, 60, 100]) {
      await publish(linear(v1(100 - weight), v2(weight)));
      const before = latest;
      const after = await assign();
      expect(await assign()).toEqual(after);
      const moved = callers.filter(id => before.get(id) === '2');
      expect(moved.filter(id => after.get(id) === '1')).toEqual([]);
      shares.push([...after.values()].filter(v => v === '2').length);
      latest = after;
    }
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares[0]).toBeGreaterThan(0);
    expect(shares[0]).toBeLessThan(30);
    expect(shares[3]).toBe(60);
  });

  it('answers by name without any share', async () => {
    await start(linear(v1(100), v2(0)));
    const { json } = await server.infer('linear', row, { version: 2 });
    expect(json.model_version).toBe('2');
    expect(await versionThatAnswers(server)).toBe('1');
  });

  it('gets its share of callers without an id', async () => {
    await start(linear(v1(50), v2(50)));
    let canary = 0;
    for (let call = 0; call < 100; call++) {
      if ((await versionThatAnswers(server)) === '2') canary++;
    }
    expect(canary).toBeGreaterThan(20);
    expect(canary).toBeLessThan(80);
  });
});
