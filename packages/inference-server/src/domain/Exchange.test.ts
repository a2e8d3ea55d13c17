import type { Admission } from './Admission';
import { DataPlane } from './DataPlane';
import type { Exchange } from './Exchange';
import { InferenceError } from './InferenceError';
import type { ModelRunner } from './ModelRunner';
import { runTensors } from './runTensors';
import { ServedRoute } from './ServedRoute';
import { TensorVersion } from './ServedVersion';
import { ServingTable } from './ServingTable';
import type { Tensor } from './tensor';

const x: Tensor = {
  name: 'x',
  datatype: 'FP32',
  shape: [2, 1],
  data: Float32Array.of(1, 2),
};

const runner: ModelRunner = {
  signature: { inputs: [], outputs: [] },
  rowWise: true,
  dimensions: [],
  run: async ({ inputs }) => [...inputs],
  release: async () => {},
};

function createPlane(options: { enter?: Admission['enter'] } = {}) {
  const held = { places: 0, bytes: 0 };
  const recorded: [Exchange, number][] = [];
  const admission: Admission = {
    recognise: credential => {
      if (credential === undefined) {
        throw new InferenceError('unauthenticated', 'a key is needed');
      }
      return {
        id: credential,
        name: credential,
        has: () => true,
        mayCall: model => model !== 'secret',
      };
    },
    authorize: (caller, model) => {
      if (!caller.mayCall(model)) {
        throw new InferenceError('forbidden', 'not for this key');
      }
    },
    requireScope: () => {},
    reserve: () => ({ state: undefined, settle: () => {} }),
    enter:
      options.enter ??
      (() => {
        held.places++;
        let bytes = 0;
        return {
          hold: more => {
            bytes += more;
            held.bytes += more;
          },
          leave: () => {
            held.places--;
            held.bytes -= bytes;
          },
        };
      }),
  };
  const plane = new DataPlane({
    admission,
    recorder: {
      record: (exchange, status) => recorded.push([exchange, status]),
    },
  });
  const served = new TensorVersion({
    model: 'digits',
    version: 1,
    digest: 'sha256:1',
    runner,
  });
  const route = new ServedRoute({
    route: { model: 'digits', salt: 's', recordedRowsPerSecond: 0 },
    variants: [{ served, weightPercent: 100 }],
    pending: [],
  });
  plane.apply(new ServingTable(new Map([['digits', route]])));
  plane.start();
  const open = (asked: Partial<Exchange['asked']> = {}) =>
    plane.open(
      {
        model: 'digits',
        version: undefined,
        credential: 'ada',
        assignmentId: undefined,
        ...asked,
      },
      { cancelled: false },
    );
  return { open, held, recorded, served };
}

it('is let in, routed, run, recorded and gives everything back at its end', async () => {
  const { open, held, recorded, served } = createPlane();
  const exchange = open();
  exchange.enter();
  exchange.hold(100);
  expect(exchange.route()).toBe(served);
  expect(held).toEqual({ places: 1, bytes: 100 });
  expect(await runTensors(exchange, [x], undefined)).toEqual([x]);
  expect(exchange.payload).toEqual({
    startedMillis: expect.any(Number),
    endedMillis: expect.any(Number),
    computeMillis: expect.any(Number),
    kind: 'tensors',
    rows: 2,
    inputs: [x],
    outputs: [x],
  });

  // An unloading version waits for it.
  let retired = false;
  const retiring = served.retire().then(() => {
    retired = true;
  });
  await Promise.resolve();
  expect(retired).toBe(false);
  exchange.end(200);
  await retiring;
  expect(held).toEqual({ places: 0, bytes: 0 });
  expect(recorded).toEqual([[exchange, 200]]);
});

it('ends once, however often it is ended', () => {
  const { open, held, recorded } = createPlane();
  const exchange = open();
  exchange.enter();
  exchange.end(200);
  exchange.end(499);
  expect(recorded.map(([, status]) => status)).toEqual([200]);
  expect(held.places).toBe(0);
});

it.each([
  ['without a key', { credential: undefined }, 'unauthenticated', false],
  ['with a key for others', { model: 'secret' }, 'forbidden', false],
  ['for no model', { model: 'nothing' }, 'not-found', false],
  ['for no version', { version: '9' }, 'not-found', true],
])('refuses %s, holding nothing', (_what, asked, kind, admitted) => {
  const { open, held, recorded } = createPlane();
  const exchange = open(asked);
  expect(() => exchange.enter()).toThrow(expect.objectContaining({ kind }));
  exchange.end(400);
  expect(held.places).toBe(0);
  expect(recorded).toHaveLength(1);
  // Who has no key for the model says nothing about it.
  expect(exchange.admitted).toBe(admitted);
});

it('is recorded as admitted when there is no room', () => {
  const { open, recorded } = createPlane({
    enter: () => {
      throw new InferenceError('overloaded', 'full');
    },
  });
  const exchange = open();
  expect(() => exchange.enter()).toThrow('full');
  exchange.end(429);
  expect([exchange.admitted, recorded.length]).toEqual([true, 1]);
});

it.each([
  ['for the model itself', {}, 0],
  [
    'for another one, which could not answer',
    { fallback: { from: 'other', reason: 'unavailable' as const } },
    -1,
  ],
  ['that names its version', { version: '1' }, -1],
  ['that asks not to be counted', { isUncounted: true }, -1],
])('counts a request %s, or does not', (_what, asked, unit) => {
  const { open } = createPlane();
  const exchange = open(asked);
  exchange.enter();
  exchange.route();
  expect(exchange.assignment?.unit).toBe(unit);
  exchange.end(200);
});
