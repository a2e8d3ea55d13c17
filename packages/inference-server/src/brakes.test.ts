import { sendJson } from './providers/testing/StandIn';
import type { WholeSnapshot } from './snapshot/parseDocuments';
import { routeOf, snapshotOf } from './testing/fixtures';
import { KEYS, row, v1 } from './testing/linear';
import {
  addRemoteLinear,
  answerAsVersion2,
  RemoteEndpoint,
} from './testing/remoteLinear';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

let server: TestServer;
let endpoint: RemoteEndpoint;

beforeEach(async () => {
  // Callers get 502. The endpoint itself is in no trouble, which would be the connection's business.
  endpoint = new RemoteEndpoint((_call, response) =>
    sendJson(response, 404, { error: 'the model is gone' }),
  );
  await endpoint.start();
  server = await TestServer.create();
});
afterEach(async () => {
  await server.close();
  await endpoint.stop();
});

/** Version 1 runs here and answers; version 2 is at the endpoint. */
function snapshot(
  options: { rollout?: string; n?: number; shareOf2?: number } = {},
): WholeSnapshot {
  const { rollout = 'r', n = 1, shareOf2 = 50 } = options;
  const remote = addRemoteLinear(server.controlPlane, endpoint, {
    weightPercent: shareOf2,
  });
  const variants = shareOf2 < 100 ? [v1(100 - shareOf2), remote] : [remote];
  return snapshotOf(
    [
      routeOf('linear', variants, {
        comparison: { id: `${rollout}.${n}`, control: 1 },
      }),
    ],
    KEYS,
  );
}

async function publish(next: WholeSnapshot): Promise<void> {
  const { controlPlane } = server;
  controlPlane.snapshot = next;
  await waitFor(() => controlPlane.latestReport?.snapshotId === next.id);
}

/** Statuses of so many requests, one after the other. */
async function call(requests: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < requests; i++) {
    statuses.push((await server.infer('linear', row)).status);
  }
  return statuses;
}

const pulledInMetrics = async () =>
  /greenroom_brake_pulled\{.*version="2".*\} 1/.test(await server.metrics());

describe('a version whose requests fail', () => {
  it('loses its traffic within a few requests, without the control plane, which hears of it when it is back', async () => {
    server.controlPlane.snapshot = snapshot();
    await server.start();
    await server.controlPlane.stop();
    const statuses = await call(120);
    const failed = statuses.filter(status => status >= 500).length;
    expect(failed).toBeGreaterThanOrEqual(20);
    expect(failed).toBeLessThanOrEqual(22);
    expect(new Set(statuses.slice(-40))).toEqual(new Set([200]));
    expect(await pulledInMetrics()).toBe(true);
    expect(
      server.logs.some(line => line.includes('loses its traffic here')),
    ).toBe(true);

    // Who names it is answered as it answers.
    const byName = await server.infer('linear', row, { version: 2 });
    expect(byName.status).toBe(502);

    const { controlPlane } = server;
    await controlPlane.start();
    await waitFor(() => controlPlane.latestReport?.brakes !== undefined);
    const [brake] = controlPlane.latestReport?.brakes ?? [];
    expect(brake).toEqual({
      model: 'linear',
      version: 2,
      digest: controlPlane.snapshot?.models[0].variants[1].digest,
      since: expect.stringMatching(/^\d{4}-/),
      requests: 20,
      failures: 20,
      otherRequests: expect.any(Number),
      otherFailures: 0,
      reason: `20 of the 20 requests to version 2 within 10 s failed, and 0 of the ${brake.otherRequests} to the others`,
    });
    // A caller that was sent elsewhere is no unit of the version that answered.
    const units = () =>
      controlPlane.taken
        .flatMap(({ groups }) => groups)
        .flatMap(group => (group.version === 1 ? group.units ?? [] : []));
    await waitFor(() => units().length >= 90);
    expect(units()).toContain(-1);
    expect(units()).toContain(0);
  });

  it('is told of at once', async () => {
    server.controlPlane.snapshot = snapshot();
    await server.start({ GREENROOM_SNAPSHOT_POLL_MILLIS: '60000' });
    await call(80);
    await waitFor(() => server.controlPlane.latestReport?.brakes !== undefined);
    expect(await pulledInMetrics()).toBe(true);
  });

  it('stays without traffic while its share grows, and gets some in another rollout', async () => {
    await start();
    await call(80);
    expect(await pulledInMetrics()).toBe(true);
    endpoint.script = answerAsVersion2;
    await publish(snapshot({ n: 2, shareOf2: 80 }));
    const before = endpoint.calls.length;
    await call(30);
    expect(endpoint.calls.length).toBe(before);
    await publish(snapshot({ rollout: 'again', shareOf2: 50 }));
    expect(await pulledInMetrics()).toBe(false);
    await call(40);
    expect(endpoint.calls.length).toBeGreaterThan(before);
    await waitFor(() => server.controlPlane.latestReport?.brakes === undefined);
  });

  it('is braked no more once it has no share', async () => {
    await start();
    await call(80);
    await publish(snapshot({ shareOf2: 0 }));
    expect(await pulledInMetrics()).toBe(false);
    await publish(snapshot({ shareOf2: 50 }));
    expect(await pulledInMetrics()).toBe(false);
  });

  it('answers all the same when nothing else could', async () => {
    await start();
    await call(80);
    await publish(snapshot({ n: 3, shareOf2: 100 }));
    expect((await server.infer('linear', row)).status).toBe(502);
  });

  it('keeps its traffic where that is wished', async () => {
    await start({ GREENROOM_BRAKE_MIN_REQUESTS: '0' });
    const statuses = await call(100);
    expect(statuses.slice(-40)).toContain(502);
  });
});

it('brakes nobody for callers who ask for it by name, or went away', async () => {
  await start();
  for (let i = 0; i < 40; i++) {
    await server.infer('linear', row, { version: 2 });
  }
  endpoint.script = () => {};
  const gone = Array.from({ length: 60 }, async () => {
    const abort = new AbortController();
    const asked = server.infer('linear', row, { signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    await asked.catch(() => undefined);
  });
  await Promise.all(gone);
  expect(await pulledInMetrics()).toBe(false);
});

async function start(environment: Record<string, string> = {}) {
  server.controlPlane.snapshot = snapshot();
  await server.start(environment);
}
