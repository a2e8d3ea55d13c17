import type { RouteComparison } from '@greenroom/plugin-ai-inference-common';
import { OWN_UNIT, UNCOUNTED } from './Assignment';
import type { ModelRunner } from './ModelRunner';
import { ServedRoute, type PendingVersion } from './ServedRoute';
import { TensorVersion } from './ServedVersion';
import { unitOf } from './unitOf';

const runner: ModelRunner = {
  signature: { inputs: [], outputs: [] },
  rowWise: true,
  dimensions: [],
  run: async ({ inputs }) => [...inputs],
  release: async () => {},
};

function route(
  weights: Record<number, number>,
  options: {
    pending?: PendingVersion[];
    comparison?: RouteComparison;
  } = {},
): ServedRoute {
  const { pending = [], comparison } = options;
  return new ServedRoute({
    route: { model: 'm', salt: 's', recordedRowsPerSecond: 0, comparison },
    variants: Object.entries(weights).map(([version, weightPercent]) => ({
      served: new TensorVersion({
        model: 'm',
        version: Number(version),
        digest: `sha256:${version}`,
        runner,
      }),
      weightPercent,
    })),
    pending,
  });
}

const IDS = Array.from({ length: 2_000 }, (_, i) => `caller-${i}`);
const never = () => {
  throw new Error('nothing is left to chance');
};
const assign = (of: ServedRoute, assignmentId: string) => {
  const { served, unit } = of.assign({ assignmentId }, never)!;
  return { version: served.version, unit };
};

describe('assignment', () => {
  it('keeps callers when one of several versions comes, grows and goes', () => {
    const before = route({ 1: 60, 2: 40 });
    const with3 = route({ 1: 48, 2: 32, 3: 20 });
    const more3 = route({ 1: 30, 2: 20, 3: 50 });
    for (const id of IDS) {
      const was = assign(before, id).version;
      const then = assign(with3, id).version;
      const now = assign(more3, id).version;
      expect([was, 3]).toContain(then);
      expect([then, 3]).toContain(now);
    }
  });

  it('gives callers of a version that is not loaded another one, and counts nobody until it is', () => {
    const comparison = { id: 'r.1', control: 1 };
    const all = route({ 1: 50, 2: 30, 3: 20 }, { comparison });
    const without = route(
      { 1: 50, 2: 30 },
      {
        comparison,
        pending: [{ version: 3, weightPercent: 20, error: undefined }],
      },
    );
    const sent = { own: 0, others: 0 };
    for (const id of IDS) {
      const own = assign(all, id);
      const now = assign(without, id);
      sent[own.version === 3 ? 'others' : 'own']++;
      // Where one version lacks, the others' callers alone would look like another split.
      expect(now.unit).toBe(UNCOUNTED);
      expect(now.version === own.version || own.version === 3).toBe(true);
    }
    expect(sent.others / IDS.length).toBeCloseTo(0.2, 1);
    expect(sent.own).toBeGreaterThan(1_500);
  });

  it('draws for callers without an id, who count by themselves while all versions answer', () => {
    const comparison = { id: 'r.1', control: 1 };
    const drawn = (of: ServedRoute, random: number) => {
      const found = of.assign({ assignmentId: undefined }, () => random)!;
      return [found.served.version, found.unit];
    };
    const all = route({ 1: 50, 2: 50 }, { comparison });
    expect(drawn(all, 0.2)).toEqual([1, OWN_UNIT]);
    expect(drawn(all, 0.7)).toEqual([2, OWN_UNIT]);
    const pending = [{ version: 2, weightPercent: 50, error: undefined }];
    const partial = route({ 1: 50 }, { comparison, pending });
    expect(drawn(partial, 0.2)).toEqual([1, UNCOUNTED]);
    expect(drawn(partial, 0.7)).toEqual([1, UNCOUNTED]);
  });

  it('answers nobody while nothing with a share is loaded', () => {
    const pending = [{ version: 2, weightPercent: 100, error: undefined }];
    expect(
      route({ 1: 0 }, { pending }).assign({ assignmentId: 'a' }, never),
    ).toBeUndefined();
  });
});

describe('units', () => {
  it('are hashes of the id that differ between comparisons', () => {
    const units = ['r.1', 'r.2'].map(id =>
      IDS.map(
        caller =>
          assign(
            route({ 1: 50, 2: 50 }, { comparison: { id, control: 1 } }),
            caller,
          ).unit,
      ),
    );
    expect(units[0]).toEqual(IDS.map(id => unitOf('r.1', id)));
    expect(new Set([...units[0], ...units[1]]).size).toBe(2 * IDS.length);
    for (const unit of units[0]) {
      expect(Number.isInteger(unit)).toBe(true);
      expect(unit).toBeGreaterThan(0);
      expect(unit).toBeLessThan(2 ** 48);
    }
  });

  it('are none of requests that ask not to be counted, which go where they always go', () => {
    const of = route(
      { 1: 50, 2: 50 },
      { comparison: { id: 'r.1', control: 1 } },
    );
    for (const assignmentId of IDS.slice(0, 50)) {
      const counted = of.assign({ assignmentId }, never)!;
      const not = of.assign({ assignmentId, isUncounted: true }, never)!;
      expect(not.served).toBe(counted.served);
      expect(not.unit).toBe(UNCOUNTED);
    }
  });
});

describe('namespaces', () => {
  const within = (
    name: string,
    fromPercent: number,
    toPercent: number,
    id = 'r.1',
  ) =>
    route(
      { 1: 50, 2: 50 },
      {
        comparison: {
          id,
          control: 1,
          namespace: { name, fromPercent, toPercent },
        },
      },
    );
  const membersOf = (of: ServedRoute) =>
    new Set(IDS.filter(id => assign(of, id).unit !== UNCOUNTED));

  it('hold their part of the callers; all others get the control and do not count', () => {
    const of = within('checkout', 0, 40);
    const members = membersOf(of);
    expect(members.size / IDS.length).toBeCloseTo(0.4, 1);
    for (const id of IDS) {
      if (members.has(id)) continue;
      expect(assign(of, id)).toEqual({ version: 1, unit: UNCOUNTED });
    }
    const treated = [...members].filter(id => assign(of, id).version === 2);
    expect(treated.length / members.size).toBeCloseTo(0.5, 1);
    const nameless = of.assign({ assignmentId: undefined }, never)!;
    expect([nameless.served.version, nameless.unit]).toEqual([1, UNCOUNTED]);
  });

  it('exclude each other where their parts do, and take all together', () => {
    const first = membersOf(within('checkout', 0, 40));
    const second = membersOf(within('checkout', 40, 100, 'q.1'));
    expect([...first].filter(id => second.has(id))).toEqual([]);
    expect(first.size + second.size).toBe(IDS.length);
  });

  it('of other names are unrelated', () => {
    const first = membersOf(within('checkout', 0, 50));
    const second = membersOf(within('search', 0, 50));
    const both = [...first].filter(id => second.has(id)).length;
    expect(both / IDS.length).toBeCloseTo(0.25, 1);
  });
});
