import fc from 'fast-check';
import { chooseToUnload, type Tenant } from './chooseToUnload';

const tenants = fc.array(
  fc.record({
    bytes: fc.integer({ min: 1, max: 100 }),
    lastUsed: fc.integer({ min: 0, max: 50 }),
    state: fc.constantFrom(
      'idle',
      'in-use',
      'fixed',
      'leaving',
    ) as fc.Arbitrary<Tenant['state']>,
  }),
  { maxLength: 12 },
);
const options = fc.record({
  tenants,
  neededBytes: fc.integer({ min: 1, max: 150 }),
  budgetBytes: fc.integer({ min: 0, max: 200 }),
  isUrgent: fc.boolean(),
});

const sum = (of: readonly Tenant[]) =>
  of.reduce((total, { bytes }) => total + bytes, 0);

it('has idle ones leave, and ones in use after all those and only where it is urgent', () => {
  fc.assert(
    fc.property(options, asked => {
      const { unload } = chooseToUnload(asked);
      const states = unload.map(number => asked.tenants[number].state);
      const inUse = states.indexOf('in-use');
      const idle = inUse === -1 ? states : states.slice(0, inUse);
      const others = inUse === -1 ? [] : states.slice(inUse);
      expect(idle.every(state => state === 'idle')).toBe(true);
      expect(others.every(state => state === 'in-use')).toBe(true);
      expect(asked.isUrgent || others.length === 0).toBe(true);
      const allIdle = asked.tenants.filter(({ state }) => state === 'idle');
      expect(others.length === 0 || idle.length === allIdle.length).toBe(true);
    }),
  );
});

it('has nothing leave that was used after one of the same state that stays', () => {
  fc.assert(
    fc.property(options, asked => {
      const { unload } = chooseToUnload(asked);
      for (const gone of unload.map(number => asked.tenants[number])) {
        const kept = asked.tenants.filter(
          ({ state }, number) =>
            state === gone.state && !unload.includes(number),
        );
        for (const { lastUsed } of kept) {
          expect(gone.lastUsed).toBeLessThanOrEqual(lastUsed);
        }
      }
    }),
  );
});

it('makes room or leaves all as it is, and has no more leave than that takes', () => {
  fc.assert(
    fc.property(options, asked => {
      const { fits, unload } = chooseToUnload(asked);
      const roomIn = (staying: readonly Tenant[]) =>
        asked.budgetBytes === 0 ||
        staying.length === 0 ||
        sum(staying) + asked.neededBytes <= asked.budgetBytes;
      const without = (gone: readonly number[]) =>
        asked.tenants.filter(
          ({ state }, number) => state !== 'leaving' && !gone.includes(number),
        );
      expect(fits).toBe(roomIn(asked.tenants));
      const isDecided = fits || unload.length === 0;
      // With one less there would be no room; where none leave there is room, or never enough.
      expect([
        fits && unload.length > 0,
        isDecided || roomIn(without(unload)),
      ]).toEqual([false, true]);
      expect(isDecided || !roomIn(without(unload.slice(0, -1)))).toBe(true);
    }),
  );
});

it('gives one that is larger than the budget room when it is alone', () => {
  const idle: Tenant = { bytes: 5, lastUsed: 1, state: 'idle' };
  const large = { neededBytes: 100, budgetBytes: 10, isUrgent: false };
  expect(chooseToUnload({ ...large, tenants: [] }).fits).toBe(true);
  expect(chooseToUnload({ ...large, tenants: [idle] })).toEqual({
    fits: false,
    unload: [0],
  });
  const both: Tenant[] = [idle, { ...idle, state: 'in-use' }];
  expect(chooseToUnload({ ...large, tenants: both })).toEqual({
    fits: false,
    unload: [],
  });
  expect(
    chooseToUnload({ ...large, tenants: both, isUrgent: true }).unload,
  ).toEqual([0, 1]);
});
