import { UpstreamService } from '../connections/UpstreamService';
import type { Provider, Readiness } from '../providers/Provider';
import { MOST_PROBES_IN_FLIGHT } from './chooseProbe';
import { ReadinessProbes } from './ReadinessProbes';

const unused = () => {
  throw new Error('nothing is called here');
};

/** A service that keeps what it was asked, and answers as it is told. */
function serviceOf(
  name: string,
  address: string,
  answer: () => Promise<Readiness>,
) {
  const asked: string[] = [];
  const provider: Provider = {
    dialects: {},
    address,
    readiness: model => {
      asked.push(model.name);
      return answer();
    },
    prepare: unused,
    explain: unused,
    listModels: unused,
    close: unused,
  };
  const upstream = { open: unused };
  const kind = 'open-inference';
  const service = new UpstreamService({ name, kind, provider, upstream });
  return { service, asked };
}

const ready = async (): Promise<Readiness> => ({ state: 'ready' });
const hangs = () => new Promise<Readiness>(() => {});
const notReady = async (): Promise<Readiness> => ({
  state: 'not-ready',
  reason: 'it is being loaded',
});
const names = Array.from({ length: 100 }, (_, index) => `model-${index}`);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it.each([
  ['that are ready', 1, ready],
  ['that are not', 1, notReady],
  ['that are not, of four processes', 4, notReady],
])(
  'asks for twenty of a hundred models a second %s',
  async (_what, processes, answer) => {
    const { service, asked } = serviceOf('gpu', 'triton:8000', answer);
    const probes = new ReadinessProbes({ processes });
    for (const name of names) probes.watch(service, name, () => {});
    let before = 0;
    for (let second = 0; second < 30; second++) {
      await jest.advanceTimersByTimeAsync(1_000);
      expect(asked.length - before).toBeLessThanOrEqual(20 / processes + 1);
      before = asked.length;
    }
    // None is left out, and none has a second turn before all had their first.
    expect(new Set(asked.slice(0, 100)).size).toBe(100);
    expect(asked.length).toBeGreaterThan(
      answer === ready ? 250 : 590 / processes,
    );
  },
);

it('shares that among connections to one server, and has no part in another one', async () => {
  const probes = new ReadinessProbes({ processes: 1 });
  const one = serviceOf('gpu', 'triton:8000', hangs);
  const same = serviceOf('gpu-by-another-name', 'triton:8000', hangs);
  const other = serviceOf('cpu', 'mlserver:8080', ready);
  for (const name of names) {
    probes.watch(one.service, name, () => {});
    probes.watch(same.service, name, () => {});
  }
  const watch = probes.watch(other.service, 'm', () => {});
  await jest.advanceTimersByTimeAsync(4_000);
  expect(one.asked.length + same.asked.length).toBe(MOST_PROBES_IN_FLIGHT);
  expect(other.asked).toEqual(['m']);
  expect(watch.health.trouble).toBeUndefined();
});

it('asks once for all versions of a model, until nobody wants to know', async () => {
  const probes = new ReadinessProbes({ processes: 1 });
  const { service, asked } = serviceOf('gpu', 'triton:8000', notReady);
  const changes = [jest.fn(), jest.fn()];
  const watches = changes.map(change => probes.watch(service, 'm', change));
  await jest.advanceTimersByTimeAsync(50);
  expect(asked).toEqual(['m']);
  expect(changes.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  watches[0].end();
  await jest.advanceTimersByTimeAsync(2_000);
  expect(asked).toHaveLength(2);
  // Who comes later knows at once.
  const late = probes.watch(service, 'm', () => {});
  await late.asked;
  expect(late.health.trouble).toContain('it is being loaded');
  late.end();
  watches[1].end();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(2);
});

it('forgets a question whose model is not wanted any more', async () => {
  const probes = new ReadinessProbes({ processes: 1 });
  const { service, asked } = serviceOf('gpu', 'triton:8000', hangs);
  const watches = names.map(name => probes.watch(service, name, () => {}));
  await jest.advanceTimersByTimeAsync(4_000);
  for (const watch of watches.slice(0, MOST_PROBES_IN_FLIGHT)) watch.end();
  await jest.advanceTimersByTimeAsync(4_000);
  expect(asked).toEqual(names.slice(0, 2 * MOST_PROBES_IN_FLIGHT));
});
