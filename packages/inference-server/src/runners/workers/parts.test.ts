import { InferenceError, RefusedInputError } from '../../domain/InferenceError';
import type { Tensor } from '../../domain/tensor';
import { BusyShare } from './BusyShare';
import { chooseThread, LARGE_BYTES } from './chooseThread';
import { FairLine } from './FairLine';
import { packTensors } from './packTensors';
import { fromPlainError, toPlainError } from './plainErrors';

describe('FairLine', () => {
  it('gives everybody a turn before anybody a second one', () => {
    const line = new FairLine<string>();
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) {
      line.push(item.charCodeAt(0), item);
    }
    const order: string[] = [];
    while (line.size > 0) order.push(line.shift()!);
    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
    expect(line.shift()).toBeUndefined();
  });

  it('gives a new one its turn before the second of others', () => {
    const line = new FairLine<string>();
    ['a1', 'a2', 'a3'].forEach(item => line.push(1, item));
    line.shift();
    line.push(2, 'b1');
    // The turn after this one.
    expect([line.shift(), line.shift(), line.shift()]).toEqual([
      'a2',
      'b1',
      'a3',
    ]);
  });

  it('can be emptied', () => {
    const line = new FairLine<string>();
    line.push(1, 'a');
    line.push(2, 'b');
    expect([line.clear(), line.size, line.shift()]).toEqual([
      ['a', 'b'],
      0,
      undefined,
    ]);
  });
});

describe('BusyShare', () => {
  it('tells which part of the last minute somebody was busy', () => {
    const share = new BusyShare(1_000_000);
    share.add(15_000, 1_000_000);
    share.add(15_000, 1_010_000);
    expect(share.at(1_020_000)).toBe(0.5);
    expect(share.at(1_062_000)).toBe(0.25);
    expect(share.at(2_000_000)).toBe(0);
  });
});

describe('chooseThread', () => {
  const options = { maxThreads: 2, sizeBytes: 1 };
  const busy = (models: number, busyShare: number) => ({ models, busyShare });

  it('starts one where there is none', () => {
    expect(chooseThread([], options)).toBe('new');
  });

  it('prefers one without a model, then a new one, then the least busy', () => {
    expect(chooseThread([busy(1, 0), busy(0, 0.9)], options)).toBe(1);
    expect(chooseThread([busy(1, 0)], options)).toBe('new');
    expect(chooseThread([busy(1, 0.5), busy(7, 0.1)], options)).toBe(1);
    expect(chooseThread([busy(3, 0), busy(2, 0)], options)).toBe(1);
  });

  it('lets nobody wait for a large model to be opened', () => {
    const large = { ...options, sizeBytes: LARGE_BYTES + 1 };
    expect(chooseThread([busy(1, 0), busy(1, 0)], large)).toBe('new');
    expect(chooseThread([busy(1, 0), busy(0, 0)], large)).toBe(1);
  });
});

describe('packTensors', () => {
  const tensor = (data: Tensor['data']): Tensor => ({
    name: 'x',
    datatype: Array.isArray(data) ? 'BYTES' : 'FP32',
    shape: [data.length],
    data,
  });

  it('moves memory that is given away, and nothing that lies beside it', () => {
    const whole = Float32Array.of(1, 2);
    const part = new Float32Array(new ArrayBuffer(4_000_000), 8, 2);
    part.set([3, 4]);
    const texts = ['a', 'ü'];
    const { tensors, moved } = packTensors(
      [tensor(whole), tensor(part), tensor(texts), tensor(whole)],
      { mayMove: true },
    );
    expect(tensors.map(({ data }) => [...data])).toEqual([
      [1, 2],
      [3, 4],
      texts,
      [1, 2],
    ]);
    expect(moved.map(({ byteLength }) => byteLength)).toEqual([8, 8, 8]);
    expect(moved[0]).toBe(whole.buffer);
    expect(moved).not.toContain(part.buffer);
    structuredClone(tensors, { transfer: moved });
    expect(whole).toHaveLength(0);
    expect([...part]).toEqual([3, 4]);
  });

  it('copies what is still needed', () => {
    const kept = Float32Array.of(1, 2);
    const { tensors, moved } = packTensors([tensor(kept)], { mayMove: false });
    structuredClone(tensors, { transfer: moved });
    expect([...kept]).toEqual([1, 2]);
  });

  it('takes tensors without elements', () => {
    const { tensors, moved } = packTensors([tensor(new Float32Array(0))], {
      mayMove: true,
    });
    const clone = structuredClone(tensors, { transfer: moved });
    expect(clone[0].data).toHaveLength(0);
  });
});

describe('plain errors', () => {
  const cross = (error: unknown) =>
    fromPlainError(structuredClone(toPlainError(error)));

  it('keep what they are across threads', () => {
    const refused = cross(
      new RefusedInputError({
        kind: 'unprocessable',
        reason: 'shape',
        message: 'no',
        cause: new Error('inner'),
      }),
    );
    expect(refused).toBeInstanceOf(RefusedInputError);
    expect(refused).toMatchObject({
      kind: 'unprocessable',
      reason: 'shape',
      message: 'no',
    });
    const overloaded = new InferenceError('overloaded', 'full', undefined, {
      retryAfterSeconds: 3,
    });
    const crossed = cross(overloaded);
    expect(crossed).toBeInstanceOf(InferenceError);
    expect(crossed).not.toBeInstanceOf(RefusedInputError);
    expect(crossed).toMatchObject({
      kind: 'overloaded',
      retryAfterSeconds: 3,
      stack: overloaded.stack,
    });
    const other = cross(new TypeError('oops'));
    expect(other).not.toBeInstanceOf(InferenceError);
    expect(other.message).toBe('oops');
    expect(cross('text').message).toBe('text');
  });
});
