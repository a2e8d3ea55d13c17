import { sendJson, type Script } from '../providers/testing/StandIn';
import { keyOf, routeOf, snapshotOf } from '../testing/fixtures';
import {
  addRemoteLinear,
  answerAsVersion2,
  RemoteEndpoint,
} from '../testing/remoteLinear';
import { TestServer } from '../testing/startTestServer';
import { waitFor } from '../testing/waitFor';
import { MOST_PROBES_IN_FLIGHT } from './chooseProbe';

jest.setTimeout(60_000);

let server: TestServer;
let bad: RemoteEndpoint;
let good: RemoteEndpoint;

beforeEach(async () => {
  bad = new RemoteEndpoint(answerAsVersion2);
  good = new RemoteEndpoint(answerAsVersion2);
  await Promise.all([bad.start(), good.start()]);
  server = await TestServer.create();
  server.controlPlane.snapshot = snapshotOf(
    [
      routeOf('bad', [addRemoteLinear(server.controlPlane, bad)]),
      routeOf('good', [addRemoteLinear(server.controlPlane, good)]),
    ],
    [keyOf('gr_all', ['*'])],
  );
});
afterEach(async () => {
  await server.close();
  await Promise.all([bad.stop(), good.stop()]);
});

const ask = (model: string) =>
  server.infer(model, {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
  });
const isReady = async (model: string) =>
  (await server.send(`/v2/models/${model}/ready`, { key: 'gr_all' })).status ===
  200;
const notReady: Script = (_call, response) =>
  sendJson(response, 503, { error: 'its weights are being read' });

it('shows a model as its server does, with the reason, and harms no neighbour', async () => {
  bad.answersGet = notReady;
  await server.start();
  expect([await isReady('bad'), await isReady('good')]).toEqual([false, true]);
  const { status, json } = await ask('bad');
  expect(status).toBe(503);
  expect(json.error).toContain('its weights are being read');
  expect(bad.calls).toHaveLength(0);
  expect((await ask('good')).status).toBe(200);
  await waitFor(async () =>
    server.controlPlane.reports.some(({ models }) =>
      models.some(
        ({ model, state, error }) =>
          model === 'bad' &&
          state === 'loading' &&
          error?.includes('its weights are being read'),
      ),
    ),
  );

  bad.answersGet = (_call, response) => sendJson(response, 200, {});
  await waitFor(() => isReady('bad'));
  expect((await ask('bad')).status).toBe(200);
});

it('waits for no server that does not say anything', async () => {
  bad.answersGet = () => {};
  await server.start();
  expect([await isReady('bad'), await isReady('good')]).toEqual([false, true]);
  expect((await ask('good')).status).toBe(200);
  expect((await ask('bad')).json.error).toContain('was not asked yet');
});

it('asks a server for so many models at a time, and holds up no other one for it', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `of-bad-${index}`);
  const open = new Set<() => void>();
  let mostOpen = 0;
  const hang: Script = (_call, response) => {
    const answer = () => sendJson(response, 200, {});
    open.add(answer);
    response.on('close', () => open.delete(answer));
    mostOpen = Math.max(mostOpen, open.size);
  };
  bad.answersGet = hang;
  server.controlPlane.snapshot = snapshotOf(
    [
      ...names.map(name =>
        routeOf(name, [addRemoteLinear(server.controlPlane, bad, {}, name)]),
      ),
      routeOf('good', [addRemoteLinear(server.controlPlane, good)]),
    ],
    [keyOf('gr_all', ['*'])],
  );
  await server.start();
  await waitFor(() => isReady('good'));
  await waitFor(() => open.size === MOST_PROBES_IN_FLIGHT);
  for (const name of names) expect(await isReady(name)).toBe(false);

  bad.answersGet = (_call, response) => sendJson(response, 200, {});
  for (const answer of open) answer();
  for (const name of names) await waitFor(() => isReady(name));
  expect(mostOpen).toBe(MOST_PROBES_IN_FLIGHT);
});

it('calls a server that does not know the question', async () => {
  bad.answersGet = (_call, response) =>
    sendJson(response, 404, { detail: 'Not Found' });
  await server.start();
  expect(await isReady('bad')).toBe(true);
  expect((await ask('bad')).status).toBe(200);
});

it('is not ready where nothing listens', async () => {
  await bad.stop();
  await server.start();
  expect((await ask('bad')).json.error).toContain(
    'cannot be asked: nothing listens at its address',
  );
  await bad.start();
});
