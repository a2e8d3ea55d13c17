import { x } from './testing/allModels';
import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';

jest.setTimeout(60_000);

const batching = { maxRows: 64, maxDelayMicros: 20_000 };
let server: TestServer;

beforeAll(async () => {
  server = await TestServer.create(
    snapshotOf(
      [
        routeOf('quantised', [variantOf('quantised')], { batching }),
        routeOf('forced', [variantOf('quantised')], {
          batching: { ...batching, mode: 'on' },
        }),
        routeOf('linear', [variantOf('linear-1')], { batching }),
        routeOf('single', [variantOf('linear-1')], {
          batching: { ...batching, mode: 'off' },
        }),
        routeOf('unnamed', [variantOf('unnamed')], { batching }),
        routeOf('masked', [variantOf('masked')], { batching }),
        routeOf('empty-part', [variantOf('empty-part')], { batching }),
      ],
      [keyOf('gr_all', ['*'])],
    ),
  );
  await server.start();
});

afterAll(() => server.close());

const input = (name: string, shape: number[], data: number[]) => ({
  ...x(data, shape),
  name,
});

async function batchedRequests(model: string): Promise<number> {
  const text = await server.metrics();
  const line = (suffix: string) =>
    Number(
      new RegExp(
        `greenroom_batch_rows_${suffix}\\{model="${model}",version="1"\\} (\\d+)`,
      ).exec(text)?.[1] ?? 0,
    );
  return line('sum') - line('count');
}

it('gives one row one answer, whatever others send at the same time', async () => {
  const mine = { inputs: [x([0.1, -0.2, 0.3, 0.05], [1, 4])] };
  const alone = await server.infer('quantised', mine);
  const answers = await Promise.all(
    Array.from({ length: 120 }, async (_, i) => {
      const scale = 10 ** (i % 5);
      await server.infer('quantised', {
        inputs: [x([i, -i, scale, -scale], [1, 4])],
      });
      return server.infer('quantised', mine);
    }),
  );
  for (const { json } of answers) {
    expect(json.outputs[0].data).toEqual(alone.json.outputs[0].data);
  }
});

it('computes requests together where their rows are alone, and where the owner says so', async () => {
  const four = { inputs: [x([1, 2, 3, 4], [1, 4])] };
  const three = { inputs: [x([1, 2, 3])] };
  const together = (model: string, body: unknown) =>
    Promise.all(Array.from({ length: 8 }, () => server.infer(model, body)));
  await together('linear', three);
  await together('single', three);
  await together('quantised', four);
  await together('forced', four);
  expect(await batchedRequests('linear')).toBeGreaterThan(0);
  expect(await batchedRequests('forced')).toBeGreaterThan(0);
  expect(await batchedRequests('single')).toBe(0);
  expect(await batchedRequests('quantised')).toBe(0);
  expect(server.logs.join()).toContain('DynamicQuantizeLinear');
});

it('leaves it to the model how inputs without names go together', async () => {
  const right = input('right', [2, 2], [1, 2, 3, 4]);
  const answers = await Promise.all([
    server.infer('unnamed', {
      inputs: [input('left', [1, 2], [10, 20]), right],
    }),
    server.infer('unnamed', {
      inputs: [input('left', [2, 2], [10, 20, 30, 40]), right],
    }),
    server.infer('unnamed', {
      inputs: [input('left', [3, 2], [0, 0, 0, 0, 0, 0]), right],
    }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 422]);
  expect(answers[0].json.outputs[0].data).toEqual([11, 22, 13, 24]);
  expect(answers[1].json.outputs[0].data).toEqual([11, 22, 33, 44]);
});

it('wants one size of what has one name', async () => {
  const { status, json } = await server.infer('masked', {
    inputs: [input('words', [1, 3], [1, 2, 3]), input('mask', [1, 2], [1, 1])],
  });
  expect([status, json]).toEqual([
    400,
    {
      error:
        'input "mask": shape [1,2], expected 3 at dimension 1 ("length") as in input "words"',
    },
  ]);
});

it('takes a part without elements, and only without', async () => {
  const whole = input('x', [1, 3], [1, 2, 3]);
  const good = await server.infer('empty-part', {
    inputs: [whole, input('none', [1, 0], [])],
  });
  expect([good.status, good.json.outputs[0].data]).toEqual([200, [1, 2, 3]]);
  const bad = await server.infer('empty-part', {
    inputs: [whole, input('none', [1, 1], [4])],
  });
  expect([bad.status, bad.json.error]).toEqual([
    400,
    'input "none": shape [1,1], expected [-1,0] (-1: any size from 1)',
  ]);
});
