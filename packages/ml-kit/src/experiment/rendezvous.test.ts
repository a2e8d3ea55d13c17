import * as fc from 'fast-check';
import { chiSquareGoodnessOfFit } from '../drift/chiSquareTests';
import { rendezvousArm, saltedHash } from './rendezvous';

const hashes = (salt: string, count: number, prefix = 'user-') =>
  Array.from({ length: count }, (_, i) => saltedHash(salt, `${prefix}${i}`));

/** Least p-value of a test that may never fail by chance, since nothing here is random. */
const LEAST_P = 1e-4;

describe('saltedHash', () => {
  it('is the same on every machine', () => {
    // A caller that changed its arm with a release would be one of two units.
    expect([
      saltedHash('', ''),
      saltedHash('salt', 'user-1'),
      saltedHash('salt', '日本 👋'),
    ]).toEqual([990441147448897, 1774785371897, 2595096600775371]);
  });

  it.each([
    ['salt', 'ab', 'salta', 'b'],
    ['a', '', '', 'a'],
  ])('tells %j %j from %j %j', (salt, id, otherSalt, otherId) => {
    expect(saltedHash(salt, id)).not.toBe(saltedHash(otherSalt, otherId));
  });

  it('gives no two of a million ids the same', () => {
    const seen = new Set<number>();
    for (let i = 0; i < 1_000_000; i++) seen.add(saltedHash('s', `${i}`));
    expect(seen.size).toBe(1_000_000);
  });

  it.each([
    ['the lowest bits', (hash: number) => hash % 64],
    ['the bits of a unit', (hash: number) => Math.floor(hash / 2 ** 16) % 64],
    ['the highest bits', (hash: number) => Math.floor(hash / 2 ** 47)],
  ])('spreads %s evenly', (_, cellOf) => {
    const cells = new Array<number>(64).fill(0);
    for (const hash of hashes('s', 64_000, '')) cells[cellOf(hash)]++;
    const even = new Array<number>(64).fill(1 / 64);
    const { pValue } = chiSquareGoodnessOfFit(cells, even);
    expect(pValue).toBeGreaterThan(LEAST_P);
  });
});

describe('rendezvousArm', () => {
  const keysOf = (arms: number) =>
    Array.from({ length: arms }, (_, i) => i + 1);

  it.each([
    [[1, 99]],
    [[50, 50]],
    [[90, 7, 3]],
    [[25, 25, 25, 25]],
    [[19, 17, 15, 13, 11, 9, 7, 5, 3, 1]],
  ])('gives arms of the weights %j their shares', weights => {
    const keys = keysOf(weights.length);
    const counts = weights.map(() => 0);
    for (const hash of hashes('rollout-1', 50_000)) {
      counts[rendezvousArm(hash, keys, weights)]++;
    }
    const shares = weights.map(weight => weight / 100);
    const { pValue } = chiSquareGoodnessOfFit(counts, shares);
    expect(pValue).toBeGreaterThan(LEAST_P);
  });

  it.each([
    ['salt-1', 'salt-2'],
    ['production/digits/1', 'production/digits/2'],
    ['a', 'b'],
  ])('is unrelated between the salts %j and %j', (one, other) => {
    const cells = new Array<number>(9).fill(0);
    const keys = keysOf(3);
    const weights = [1, 1, 1];
    const others = hashes(other, 30_000);
    hashes(one, 30_000).forEach((hash, i) => {
      const a = rendezvousArm(hash, keys, weights);
      const b = rendezvousArm(others[i], keys, weights);
      cells[a * 3 + b]++;
    });
    const even = new Array<number>(9).fill(1 / 9);
    const { pValue } = chiSquareGoodnessOfFit(cells, even);
    expect(pValue).toBeGreaterThan(LEAST_P);
  });

  const ids = hashes('s', 400);
  const weightsOf = (arms: number) =>
    fc.array(fc.integer({ min: 1, max: 100 }), {
      minLength: arms,
      maxLength: arms,
    });
  const twoWeightings = fc
    .integer({ min: 2, max: 10 })
    .chain(arms => fc.tuple(weightsOf(arms), weightsOf(arms)));

  it('moves ids only to an arm that grew by a larger factor', () => {
    fc.assert(
      fc.property(twoWeightings, ([before, after]) => {
        const keys = keysOf(before.length);
        for (const hash of ids) {
          const was = rendezvousArm(hash, keys, before);
          const is = rendezvousArm(hash, keys, after);
          if (was === is) continue;
          const grewBy = (arm: number) => after[arm] / before[arm];
          expect(grewBy(is)).toBeGreaterThan(grewBy(was));
        }
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  it('moves ids only from the arm that shrinks to the one that grows, of two', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 100 }),
        (one, other) => {
          const [less, more] = [Math.min(one, other), Math.max(one, other)];
          for (const hash of ids) {
            const was = rendezvousArm(hash, [7, 8], [100 - less, less]);
            const is = rendezvousArm(hash, [7, 8], [100 - more, more]);
            expect(was === is || is === 1).toBe(true);
          }
        },
      ),
      { seed: 12, numRuns: 60 },
    );
  });

  it('moves ids only into the arm that grows while the others keep their proportions, of any number', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 10 }).chain(arms => weightsOf(arms)),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (before, part) => {
          const keys = keysOf(before.length);
          const total = before.reduce((sum, weight) => sum + weight, 0);
          // The first takes a part of what each of the others has.
          const after = before.map((weight, arm) =>
            arm === 0 ? weight + part * (total - weight) : weight * (1 - part),
          );
          for (const hash of ids) {
            const was = rendezvousArm(hash, keys, before);
            const is = rendezvousArm(hash, keys, after);
            expect(was === is || is === 0).toBe(true);
          }
        },
      ),
      { seed: 13, numRuns: 60 },
    );
  });

  it('knows arms by their keys, whatever their order and company', () => {
    for (const hash of ids) {
      const first = rendezvousArm(hash, [3, 5, 9], [20, 30, 50]);
      const turned = rendezvousArm(hash, [9, 3, 5], [50, 20, 30]);
      expect([9, 3, 5][turned]).toBe([3, 5, 9][first]);
      const without = rendezvousArm(hash, [3, 9], [20, 50]);
      expect(first === 1 || [3, 9][without] === [3, 5, 9][first]).toBe(true);
    }
  });

  it('never chooses an arm of weight 0, and answers -1 when there is none', () => {
    for (const hash of ids) {
      expect(rendezvousArm(hash, [1, 2], [0, 100])).toBe(1);
      expect(rendezvousArm(hash, [1, 2], [100, 0])).toBe(0);
      expect(rendezvousArm(hash, [1, 2], [0, NaN])).toBe(-1);
      expect(rendezvousArm(hash, [], [])).toBe(-1);
    }
  });
});
