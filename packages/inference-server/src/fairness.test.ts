import { setTimeout } from 'node:timers/promises';
import { row } from './testing/allModels';
import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(120_000);

/** Requests stay in flight for that long. */
const batching = { maxRows: 1_024, maxDelayMicros: 50_000 };
const ROOM = 20;
/** Of the greedy caller, which asks again at once. */
const CONNECTIONS = 20 * ROOM;
const MODEST_REQUESTS = 15;

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.create(
    snapshotOf(
      ['one', 'two'].map(model =>
        routeOf(model, [variantOf('linear-1')], { batching }),
      ),
      ['gr_greedy', 'gr_greedier', 'gr_modest'].map(key => keyOf(key, ['*'])),
    ),
  );
});
afterEach(() => server.close());

const requestsInFlight = async () =>
  Number(
    /^greenroom_requests_in_flight (\d+)$/m.exec(await server.metrics())?.[1],
  );

/** Has callers ask on many connections until the work is done. @returns how often they were answered, and refused */
async function beside(
  callers: { key: string; model: string; connections: number }[],
  work: () => Promise<void>,
): Promise<{ answered: number; refused: number }> {
  const count = { answered: 0, refused: 0 };
  let isDone = false;
  const loops = callers.flatMap(({ key, model, connections }) =>
    Array.from({ length: connections }, async () => {
      while (!isDone) {
        const { status } = await server.infer(model, row, { key });
        if (status === 200) count.answered++;
        else count.refused++;
        if (status === 503) await setTimeout(200);
        else expect(status).toBe(200);
      }
    }),
  );
  await waitFor(async () => (await requestsInFlight()) >= ROOM / 2);
  await waitFor(() => count.refused > CONNECTIONS);
  await work().finally(() => {
    isDone = true;
  });
  await Promise.all(loops);
  return count;
}

async function ask(model: string): Promise<void> {
  for (let i = 0; i < MODEST_REQUESTS; i++) {
    const { status, json } = await server.infer(model, row, {
      key: 'gr_modest',
    });
    expect([status, json.error]).toEqual([200, undefined]);
  }
}

it('answers a modest caller beside one that asks a model for twenty times its room', async () => {
  await server.start({ GREENROOM_MAX_MODEL_REQUESTS_IN_FLIGHT: String(ROOM) });
  const greedy = { key: 'gr_greedy', model: 'one', connections: CONNECTIONS };
  const { answered, refused } = await beside([greedy], () => ask('one'));
  expect(answered).toBeGreaterThan(ROOM);
  expect(refused).toBeGreaterThan(answered);
});

it('answers callers of one model beside several that ask another for twenty times the room', async () => {
  await server.start({ GREENROOM_MAX_REQUESTS_IN_FLIGHT: String(ROOM) });
  const greedy = ['gr_greedy', 'gr_greedier'].map(key => ({
    key,
    model: 'one',
    connections: CONNECTIONS / 2,
  }));
  const { answered } = await beside(greedy, () => ask('two'));
  expect(answered).toBeGreaterThan(ROOM);
});

it('answers a modest caller of the same two models that a greedy one asks', async () => {
  await server.start({ GREENROOM_MAX_REQUESTS_IN_FLIGHT: String(ROOM) });
  const greedy = ['one', 'two'].map(model => ({
    key: 'gr_greedy',
    model,
    connections: CONNECTIONS / 2,
  }));
  const { refused } = await beside(greedy, async () => {
    await Promise.all([ask('one'), ask('two')]);
  });
  expect(refused).toBeGreaterThan(CONNECTIONS);
});
