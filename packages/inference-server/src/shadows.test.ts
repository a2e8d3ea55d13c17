import type {
  RecordCopies,
  RouteShadow,
} from '@greenroom/plugin-ai-inference-common';
import { percentOf, unitOf } from './domain/unitOf';
import type { WantedVariant } from './domain/WantedRoute';
import {
  createOpenAiStandIn,
  STAND_IN_KEY,
} from './providers/testing/openAiStandIn';
import { sendJson, type StandIn } from './providers/testing/StandIn';
import type { WholeSnapshot } from './snapshot/parseDocuments';
import { addExternalModel } from './testing/externalModel';
import { routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { KEYS, row, v1, v2, versionThatAnswers } from './testing/linear';
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
  endpoint = new RemoteEndpoint(answerAsVersion2);
  await endpoint.start();
  server = await TestServer.create();
});
afterEach(async () => {
  await server.close();
  await endpoint.stop();
});

function shadowed(
  variants: WantedVariant[],
  shadow: Partial<RouteShadow> = {},
  model = 'linear',
): WholeSnapshot {
  return snapshotOf(
    [
      routeOf(model, variants, {
        shadow: {
          comparison: 's.1',
          version: 2,
          samplePercent: 100,
          maxCopiesInFlight: 8,
          ...shadow,
        },
      }),
    ],
    KEYS,
  );
}

async function start(
  snapshot: WholeSnapshot,
  environment: Record<string, string> = {},
) {
  server.controlPlane.snapshot = snapshot;
  await server.start(environment);
}

/** All copies that were told of, together. */
function copies(): RecordCopies {
  const all: RecordCopies = {
    comparison: 's.1',
    at: [],
    units: [],
    latencyMicros: [],
    status: [],
    agrees: [],
    leftOut: 0,
  };
  for (const group of server.controlPlane.taken.flatMap(b => b.groups)) {
    if (!group.copies) continue;
    expect(group.version).toBe(2);
    expect(group.copies.comparison).toBe('s.1');
    all.at.push(...group.copies.at);
    all.units.push(...group.copies.units);
    all.latencyMicros.push(...group.copies.latencyMicros);
    all.status.push(...group.copies.status);
    all.agrees.push(...group.copies.agrees);
    all.leftOut += group.copies.leftOut;
  }
  return all;
}

const requests = () =>
  server.controlPlane.taken
    .flatMap(({ groups }) => groups)
    .flatMap(({ version, at }) => at.map(() => version));

const hang = () => {};

describe.each([
  ['in this process', () => v2(0)],
  [
    'at an endpoint',
    () => addRemoteLinear(server.controlPlane, endpoint, { weightPercent: 0 }),
  ],
])('a shadow that runs %s', (_where, shadow) => {
  it('answers copies, of which nobody sees anything but how they compare', async () => {
    const before = Date.now();
    await start(shadowed([v1(), shadow()]));
    expect(await versionThatAnswers(server, 'ann')).toBe('1');
    expect(await versionThatAnswers(server)).toBe('1');
    await waitFor(() => copies().at.length === 2);
    expect(copies()).toMatchObject({
      status: [200, 200],
      // Version 2 answers otherwise.
      agrees: [0, 0],
      leftOut: 0,
    });
    expect(new Set(copies().units)).toEqual(new Set([unitOf('s.1', 'ann'), 0]));
    for (const at of copies().at) expect(at).toBeGreaterThanOrEqual(before);
    for (const micros of copies().latencyMicros) {
      expect(micros).toBeGreaterThan(0);
    }
    expect(requests()).toEqual([1, 1]);
    expect(await server.metrics()).toContain(
      'greenroom_shadow_copies_total{model="linear",version="2",result="differs"} 2',
    );
  });

  it('is asked for no copies of requests that name a version, are not counted or were refused', async () => {
    await start(shadowed([v1(), shadow()]));
    await server.infer('linear', row, { version: 1 });
    await server.infer('linear', row, { headers: { 'x-model-version': '2' } });
    await server.infer('linear', row, {
      headers: { 'x-greenroom-uncounted': '1' },
    });
    await server.infer('linear', { inputs: [] });
    await versionThatAnswers(server);
    await waitFor(() => copies().at.length > 0 && requests().length === 5);
    expect(copies().at).toHaveLength(1);
  });
});

it('agrees where the answers are the same', async () => {
  const twin = variantOf('linear-1', { version: 2, weightPercent: 0 });
  await start(shadowed([v1(), twin]));
  await versionThatAnswers(server);
  await waitFor(() => copies().at.length === 1);
  expect(copies().agrees).toEqual([1]);
});

it('copies all requests of a caller in its sample, or none', async () => {
  await start(
    shadowed([v1(), v2(0)], { samplePercent: 40, maxCopiesInFlight: 200 }),
  );
  const callers = Array.from({ length: 60 }, (_, i) => `caller-${i}`);
  for (const caller of [...callers, ...callers]) {
    await versionThatAnswers(server, caller);
  }
  const sampled = callers.filter(id => percentOf('shadow/s.1', id) < 40);
  expect(sampled.length).toBeGreaterThan(10);
  expect(sampled.length).toBeLessThan(40);
  await waitFor(() => copies().at.length === 2 * sampled.length);
  expect(copies().units.sort()).toEqual(
    [...sampled, ...sampled].map(id => unitOf('s.1', id)).sort(),
  );
});

it('has no more copies on their way than it may, and counts those that are left out', async () => {
  endpoint.script = hang;
  const shadow = addRemoteLinear(server.controlPlane, endpoint, {
    weightPercent: 0,
  });
  await start(shadowed([v1(), shadow], { maxCopiesInFlight: 3 }));
  for (let i = 0; i < 10; i++) await versionThatAnswers(server);
  await waitFor(() => copies().leftOut === 7);
  expect(endpoint.calls).toHaveLength(3);
  // Neither callers nor a stop wait for a shadow that hangs.
  const before = Date.now();
  await server.stop();
  expect(Date.now() - before).toBeLessThan(5_000);
});

it('makes no copies of what there is no room for beside callers', async () => {
  await start(shadowed([v1(), v2(0)]), {
    GREENROOM_MAX_BYTES_IN_FLIGHT: '2048',
    GREENROOM_MAX_MODEL_BYTES_IN_FLIGHT: '2048',
  });
  const rows = (count: number) => ({
    inputs: [
      {
        name: 'x',
        datatype: 'FP32',
        shape: [count, 3],
        data: new Array<number>(3 * count).fill(1),
      },
    ],
  });
  // The copy takes four bytes a number, the request two.
  expect((await server.infer('linear', rows(200))).status).toBe(200);
  expect((await server.infer('linear', rows(2))).status).toBe(200);
  await waitFor(() => copies().at.length === 1);
  expect(copies().leftOut).toBe(1);
});

it('harms no other version of its connection when it fails', async () => {
  endpoint.script = (call, response) =>
    call.path.includes('broken')
      ? sendJson(response, 500, { error: 'it is broken' })
      : answerAsVersion2(call, response);
  const { controlPlane } = server;
  await start(
    shadowed([
      addRemoteLinear(controlPlane, endpoint, { version: 1 }),
      addRemoteLinear(controlPlane, endpoint, { weightPercent: 0 }, 'broken'),
    ]),
  );
  for (let i = 0; i < 60; i++) {
    expect((await server.infer('linear', row)).status).toBe(200);
  }
  await waitFor(() => copies().at.length + copies().leftOut === 60);
  expect(new Set(copies().status)).toEqual(new Set([502]));
  expect(new Set(copies().agrees)).toEqual(new Set([-1]));
  // Each was sent once.
  const sent = endpoint.calls.filter(({ path }) => path.includes('broken'));
  expect(sent).toHaveLength(copies().at.length);
});

it('tells nothing more of a shadow whose comparison is over', async () => {
  const shadow = addRemoteLinear(server.controlPlane, endpoint, {
    weightPercent: 0,
  });
  await start(shadowed([v1(), shadow]));
  const next = snapshotOf([routeOf('linear', [v1(), shadow])], KEYS);
  server.controlPlane.snapshot = next;
  await waitFor(() => server.controlPlane.latestReport?.snapshotId === next.id);
  await versionThatAnswers(server);
  await waitFor(() => requests().length === 1);
  expect(endpoint.calls).toHaveLength(0);
});

describe('a shadow of a language model', () => {
  let standIn: StandIn;

  beforeEach(async () => {
    process.env.STAND_IN_KEY = STAND_IN_KEY;
    standIn = createOpenAiStandIn();
    await standIn.start();
    const [first, second] = [1, 2].map(version =>
      addExternalModel(server.controlPlane, {
        descriptor: { model: version === 1 ? 'small' : 'large' },
        connection: {
          name: 'llm',
          kind: 'openai',
          settings: {
            baseUrl: `${standIn.url}/v1`,
            secret: 'env:STAND_IN_KEY',
          },
        },
        variant: { version, weightPercent: version === 1 ? 100 : 0 },
      }),
    );
    await start(shadowed([first, second], {}, 'bot'));
  });
  afterEach(async () => {
    await standIn.stop();
    delete process.env.STAND_IN_KEY;
  });

  it.each([false, true])(
    'answers copies of requests that stream or do not: %s',
    async stream => {
      const { status, headers } = await server.send('/v1/chat/completions', {
        method: 'POST',
        key: 'gr_all',
        body: JSON.stringify({
          model: 'bot',
          stream,
          messages: [{ role: 'user', content: 'Hello' }],
        }),
      });
      expect([status, headers['x-greenroom-version']]).toEqual([200, '1']);
      await waitFor(() => copies().at.length === 1);
      expect(copies()).toMatchObject({ status: [200], agrees: [1] });
      const asked = standIn.calls.map(({ json }) => [
        json.model,
        json.stream ?? false,
      ]);
      expect(asked).toEqual([
        ['small', stream],
        ['large', false],
      ]);
    },
  );
});
