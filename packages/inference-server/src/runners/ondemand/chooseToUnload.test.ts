import fc from 'fast-check';
import { chooseToUnload, type Tenant } from './chooseToUnload';

const tenants = fc.array(
  fc.record({
    bytes: fc.integer({ min: 1, max: 100 }),
    lastUsed: fc.integer({ min: 0, max: 50 }),
    state: fc.constantFrom('idle', 'in-use', 'leaving') as fc.Arbitrary<
      Tenant['state']
    >,
  }),
  { maxLength: 12 },
);
const options = fc.record({
  tenants,
  neededBytes: fc.integer({ min: 1, max: 150 }),
  budgetBytes: fc.integer({ min: 0, max: 200 }),
});

const sum = (of: readonly Tenant[]) =>
  of.reduce((total, { bytes }) => total + bytes, 0);

it('has nothing leave that is in use or leaves already, and nothing that was used after one that stays', () => {
  fc.assert(
    fc.property(options, asked => {
      const { unload } = chooseToUnload(asked);
      const leave = unload.map(number => asked.tenants[number]);
      expect(leave.every(({ state }) => state === 'idle')).toBe(true);
      const stay = asked.tenants.filter(
        (tenant, number) => tenant.state === 'idle' && !unload.includes(number),
      );
      for (const gone of leave) {
        for (const kept of stay) {
          expect(gone.lastUsed).toBeLessThanOrEqual(kept.lastUsed);
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
      expect(fits).toBe(roomIn(asked.tenants));
      if (fits) expect(unload).toEqual([]);
      if (unload.length === 0) return;
      const without = (gone: readonly number[]) =>
        asked.tenants.filter(
          ({ state }, number) => state !== 'leaving' && !gone.includes(number),
        );
      expect(roomIn(without(unload))).toBe(true);
      expect(roomIn(without(unload.slice(0, -1)))).toBe(false);
    }),
  );
});

it('gives one that is larger than the budget room when it is alone', () => {
  const idle: Tenant = { bytes: 5, lastUsed: 1, state: 'idle' };
  const large = { neededBytes: 100, budgetBytes: 10 };
  expect(chooseToUnload({ ...large, tenants: [] }).fits).toBe(true);
  expect(chooseToUnload({ ...large, tenants: [idle] })).toEqual({
    fits: false,
    unload: [0],
  });
  expect(
    chooseToUnload({ ...large, tenants: [idle, { ...idle, state: 'in-use' }] }),
  ).toEqual({ fits: false, unload: [] });
});
