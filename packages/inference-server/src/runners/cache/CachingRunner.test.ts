import { InferenceError } from '../../domain/InferenceError';
import type { ModelRunner, RunRequest } from '../../domain/ModelRunner';
import { refuseUnwanted } from '../../domain/refuseUnwanted';
import type { Tensor } from '../../domain/tensor';
import { VersionStatistics } from '../../domain/VersionStatistics';
import { CachingRunner } from './CachingRunner';
import { ResponseCache } from './ResponseCache';

const tensor = (values: number[], shape = [values.length]): Tensor => ({
  name: 'x',
  datatype: 'FP32',
  shape,
  data: Float32Array.from(values),
});

/** Doubles, when it is let; each output lies in the middle of something larger, as after a batch. */
class HeldDoubler implements ModelRunner {
  readonly signature = { inputs: [], outputs: [] };
  readonly rowWise = true;
  readonly dimensions = [];
  readonly runs: RunRequest[] = [];
  readonly waiting: (() => void)[] = [];
  failure: Error | undefined;

  async run(request: RunRequest): Promise<Tensor[]> {
    this.runs.push(request);
    await new Promise<void>(resolve => this.waiting.push(resolve));
    refuseUnwanted(request.cancellation);
    if (this.failure) throw this.failure;
    if (request.times) request.times.computeMillis = 7;
    return request.inputs.map(input => {
      const large = new Float32Array(1_000);
      const data = large.subarray(10, 10 + input.data.length);
      data.set(Float32Array.from(input.data as Float32Array, v => 2 * v));
      return { ...input, data };
    });
  }

  async release(): Promise<void> {}

  async go(): Promise<void> {
    await new Promise(setImmediate);
    for (const go of this.waiting.splice(0)) go();
    await new Promise(setImmediate);
  }
}

function create(maxBytes = 10_000) {
  const inner = new HeldDoubler();
  const statistics = new VersionStatistics();
  const cache = new ResponseCache({ maxBytes });
  const runner = new CachingRunner({ inner, cache, statistics });
  const ask = (request: Partial<RunRequest> & Pick<RunRequest, 'inputs'>) =>
    runner.run({ rows: 1, ...request });
  const counts = () => [statistics.hits.count, statistics.misses.count];
  return { inner, cache, ask, counts };
}

const valuesOf = async (answer: Promise<Tensor[]>) =>
  Array.from((await answer)[0].data as Float32Array);

describe('CachingRunner', () => {
  it('computes what was computed before only once', async () => {
    const { inner, ask, cache, counts } = create();
    const first = ask({ inputs: [tensor([1, 2])] });
    await inner.go();
    expect(await valuesOf(first)).toEqual([2, 4]);
    const times = { computeMillis: 0 };
    expect(await valuesOf(ask({ inputs: [tensor([1, 2])], times }))).toEqual([
      2, 4,
    ]);
    expect(inner.runs).toHaveLength(1);
    expect(times.computeMillis).toBe(0);
    expect(counts()).toEqual([1, 1]);
    expect(cache.size).toBe(1);
  });

  it('tells apart what is not the same to the last bit', async () => {
    const { inner, ask } = create();
    const requests: (Partial<RunRequest> & Pick<RunRequest, 'inputs'>)[] = [
      { inputs: [tensor([0])] },
      { inputs: [tensor([-0])] },
      { inputs: [tensor([0, 0])] },
      { inputs: [tensor([0, 0], [1, 2])] },
      { inputs: [tensor([0]), tensor([0])] },
      { inputs: [tensor([0])], outputs: ['x'] },
      { inputs: [tensor([0])], outputs: ['x', 'y'] },
      ...[['a', 'b'], ['a,b'], ['a"', 'b'], ['a', '"b'], ['', 'ab']].map(
        data => ({
          inputs: [{ name: 'x', datatype: 'BYTES' as const, shape: [1], data }],
        }),
      ),
    ];
    requests.forEach(request => void ask(request));
    await inner.go();
    expect(inner.runs).toHaveLength(requests.length);
  });

  it('computes once what several ask at the same time', async () => {
    const { inner, ask, counts } = create();
    const times = [1, 2, 3].map(() => ({ computeMillis: 0 }));
    const answers = times.map(each =>
      ask({ inputs: [tensor([3])], times: each }),
    );
    await inner.go();
    expect(await Promise.all(answers.map(valuesOf))).toEqual([[6], [6], [6]]);
    expect(inner.runs).toHaveLength(1);
    expect(times.map(each => each.computeMillis)).toEqual([7, 7, 7]);
    expect(counts()).toEqual([2, 1]);
  });

  it('runs as long as one of them wants the answer', async () => {
    const { inner, ask } = create();
    const gone = { cancelled: false };
    const late = { cancelled: false, deadlineMillis: performance.now() + 1e6 };
    const first = ask({ inputs: [tensor([1])], cancellation: gone });
    const second = ask({ inputs: [tensor([1])], cancellation: late });
    gone.cancelled = true;
    await inner.go();
    expect(await valuesOf(second)).toEqual([2]);
    expect(await valuesOf(first)).toEqual([2]);
  });

  it('gives up when nobody does, and begins anew for who comes then', async () => {
    const { inner, ask } = create();
    const gone = { cancelled: true };
    const first = ask({ inputs: [tensor([1])], cancellation: gone });
    const refused = first.catch(error => error);

    await new Promise(setImmediate);
    inner.waiting.splice(0)[0]();
    // In the same turn: the run is given up already, and not over yet.
    await Promise.resolve();
    const second = ask({ inputs: [tensor([1])] });
    expect(await refused).toMatchObject({ kind: 'cancelled' });
    await inner.go();
    expect(await valuesOf(second)).toEqual([2]);
    expect(inner.runs).toHaveLength(2);
  });

  it('keeps no failure', async () => {
    const { inner, ask, cache, counts } = create();
    inner.failure = new InferenceError('unprocessable', 'no such index');
    const answers = [1, 2].map(() => ask({ inputs: [tensor([1])] }));
    const failed = Promise.all(
      answers.map(each => expect(each).rejects.toThrow('no such index')),
    );
    await inner.go();
    await failed;
    inner.failure = undefined;
    const again = ask({ inputs: [tensor([1])] });
    await inner.go();
    expect(await valuesOf(again)).toEqual([2]);
    expect(cache.size).toBe(1);
    expect(counts()).toEqual([0, 1]);
  });

  it('keeps neither copies nor what the server asks by itself', async () => {
    const { inner, ask, cache, counts } = create();
    void ask({ inputs: [tensor([1])], isCopy: true });
    void ask({ inputs: [tensor([1])], isTrial: true });
    void ask({ inputs: [tensor([1])], isTrial: true });
    await inner.go();
    expect(inner.runs).toHaveLength(3);
    expect(cache.size).toBe(0);
    expect(counts()).toEqual([0, 0]);
  });

  it('hands out what nobody else can change', async () => {
    const { inner, ask } = create();
    const first = ask({ inputs: [tensor([1])] });
    await inner.go();
    ((await first)[0].data as Float32Array)[0] = 99;
    expect(await valuesOf(ask({ inputs: [tensor([1])] }))).toEqual([2]);
  });
});

describe('ResponseCache', () => {
  const texts: Tensor = {
    name: 't',
    datatype: 'BYTES',
    shape: [1],
    data: ['x'.repeat(100)],
  };

  it('stays within its memory, and forgets what was not asked for longest', () => {
    const cache = new ResponseCache({ maxBytes: 4_000 });
    for (let i = 0; i < 100; i++) {
      cache.put(String(i), [tensor([i])]);
      cache.get('0');
      expect(cache.bytes).toBeLessThanOrEqual(4_000);
    }
    expect(cache.size).toBe(7);
    expect(cache.get('0')).toBeDefined();
    expect(cache.get('94')).toBeDefined();
    expect(cache.get('93')).toBeUndefined();
  });

  it('counts texts, and what is put anew once', () => {
    const cache = new ResponseCache({ maxBytes: 100_000 });
    cache.put('a', [texts]);
    cache.put('a', [texts]);
    expect(cache.bytes).toBe(512 + 16 + 200);
  });

  it('holds no more memory than the answer, though that was part of a batch', () => {
    const cache = new ResponseCache({ maxBytes: 100_000 });
    const batch = new Float32Array(10_000);
    cache.put('a', [{ ...tensor([0]), data: batch.subarray(5, 6) }]);
    const [kept] = cache.get('a') ?? [];
    expect((kept?.data as Float32Array).buffer.byteLength).toBe(4);
  });

  it('leaves out what would drive out too much', () => {
    const cache = new ResponseCache({ maxBytes: 4_000 });
    cache.put('small', [tensor([1])]);
    cache.put('large', [tensor(Array.from({ length: 300 }, () => 1))]);
    expect(cache.size).toBe(1);
  });
});
