import fc from 'fast-check';
import { divideDay, type HeldTokens } from './divideDay';

const live = new Set(['one', 'two']);
const holds = (producer: string, used: number, held: number): HeldTokens => ({
  producer,
  used,
  held,
});

it('divides what is left into equal parts', () => {
  const held = [holds('one', 300, 500), holds('two', 100, 500)];
  const options = { limit: 1_000, held, live };
  expect(divideDay({ ...options, producer: 'one' })).toBe(500);
  const shrunk = [holds('one', 300, 600), holds('two', 100, 400)];
  expect(divideDay({ ...options, held: shrunk, producer: 'one' })).toBe(600);
});

it('lends nothing that another one may still use', () => {
  const held = [holds('one', 500, 500), holds('two', 0, 500)];
  expect(divideDay({ limit: 1_000, held, producer: 'one', live })).toBe(500);
  expect(divideDay({ limit: 1_000, held, producer: 'two', live })).toBe(250);
});

it('counts on an equal part of one that was told nothing yet', () => {
  const held = [holds('one', 500, 500)];
  expect(divideDay({ limit: 1_000, held, producer: 'one', live })).toBe(500);
});

it('takes back what one holds that is gone', () => {
  const held = [holds('one', 0, 500), holds('gone', 100, 500)];
  expect(
    divideDay({
      limit: 1_000,
      held,
      producer: 'one',
      live: new Set(['one']),
    }),
  ).toBe(900);
});

it('lends no more to those that have used too much', () => {
  const held = [holds('one', 700, 500), holds('two', 400, 500)];
  expect(divideDay({ limit: 1_000, held, producer: 'one', live })).toBe(700);
});

it('lets all of them together use the limit and no more, however they use and ask', () => {
  const names = ['a', 'b', 'c'];
  const step = fc.record({
    who: fc.integer({ min: 0, max: 2 }),
    tokens: fc.integer({ min: 0, max: 400 }),
    asks: fc.boolean(),
    hearsLater: fc.integer({ min: 0, max: 400 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const limit = 1_000;
      // What each data plane knows, and what the control plane does.
      const planes = names.map(() => ({ used: 0, allowance: 333 }));
      const rows = new Map<string, HeldTokens>();
      const use = (plane: (typeof planes)[number], tokens: number) => {
        if (plane.used + tokens <= plane.allowance) plane.used += tokens;
      };
      const ask = (index: number, hearsLater: number) => {
        const plane = planes[index];
        const producer = names[index];
        const told = { producer, used: plane.used, held: plane.allowance };
        rows.set(producer, told);
        const tokens = divideDay({
          limit,
          held: [...rows.values()],
          producer,
          live: new Set(names),
        });
        rows.set(producer, { ...told, held: Math.max(told.held, tokens) });
        // It goes on while the answer is on its way.
        use(plane, hearsLater);
        plane.allowance = Math.max(tokens, plane.used);
      };
      for (const { who, tokens, asks, hearsLater } of steps) {
        use(planes[who], tokens);
        if (asks) ask(who, hearsLater);
      }
      const used = () => planes.reduce((sum, plane) => sum + plane.used, 0);
      expect(used()).toBeLessThanOrEqual(limit);
      // One of them alone gets what the others leave, in the end.
      for (let round = 0; round < 60; round++) {
        use(planes[0], planes[0].allowance - planes[0].used);
        [0, 1, 2].forEach(index => ask(index, 0));
      }
      expect(used()).toBeLessThanOrEqual(limit);
      expect(used()).toBeGreaterThanOrEqual(limit - names.length);
    }),
    { numRuns: 300 },
  );
});
