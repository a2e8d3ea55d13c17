import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Variant } from '@greenroom/plugin-ai-inference-common';
import type { ModelRunner } from '../domain/ModelRunner';
import { TensorVersion } from '../domain/ServedVersion';
import type { ServingTable } from '../domain/ServingTable';
import { createLogger } from '../logger';
import { routeOf, SIGNATURES, variantOf } from '../testing/fixtures';
import { WrongArtifactError } from './fetchFile';
import { LoadMarks } from './LoadMarks';
import { ModelFleet } from './ModelFleet';
import type { LoadedVersion } from './ModelLoader';

/** Loads what a test lets it load, when it lets it. */
class FakeLoader {
  readonly released: number[] = [];
  /** Why versions cannot run, though they are loaded. */
  readonly troubles = new Map<number, string>();
  readonly #waiting: {
    version: number;
    resolve(loaded: LoadedVersion): void;
    reject(error: Error): void;
  }[] = [];

  get loading(): number[] {
    return this.#waiting.map(({ version }) => version);
  }

  load(_route: unknown, { version, digest }: Variant): Promise<LoadedVersion> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        version,
        reject,
        resolve: () =>
          resolve({
            served: new TensorVersion({
              model: 'm',
              version,
              digest,
              runner: this.#runner(version),
              trouble: () => this.troubles.get(version),
            }),
            queuedRequests: () => 0,
          }),
      });
    });
  }

  /** Of those on their way the given one, or else the first. */
  async finish(options: { error?: Error; version?: number } = {}) {
    const { error, version = this.loading[0] } = options;
    const [first] = this.#waiting.splice(this.loading.indexOf(version), 1);
    if (error) first.reject(error);
    else first.resolve({} as LoadedVersion);
    await new Promise(setImmediate);
  }

  #runner(version: number): ModelRunner {
    return {
      signature: SIGNATURES['linear-1'],
      rowWise: true,
      dimensions: [],
      run: async () => [],
      release: async () => {
        this.released.push(version);
      },
    };
  }
}

function create(options: { marks?: LoadMarks } = {}) {
  const loader = new FakeLoader();
  const state = {
    nowMillis: 0,
    table: undefined as ServingTable | undefined,
    tables: 0,
    /** How long one takes to make. */
    tableMillis: 0,
  };
  const fleet = new ModelFleet({
    loader,
    ...options,
    logger: createLogger({ level: 'error', write: () => undefined }),
    onTable: table => {
      state.table = table;
      state.tables++;
      state.nowMillis += state.tableMillis;
    },
    now: () => state.nowMillis,
  });
  const versions = () =>
    state.table?.routes.get('m')?.versions.map(({ version }) => version);
  return { loader, fleet, state, versions };
}

const want = (...versions: number[]) => [
  routeOf(
    'm',
    versions.map(version =>
      variantOf('linear-1', { version, weightPercent: 100 / versions.length }),
    ),
  ),
];

it('loads a few at a time, so that one that hangs keeps no other from being loaded', async () => {
  const { loader, fleet, versions } = create();
  fleet.want(want(1, 2, 3, 4, 5, 6));
  void fleet.settle();
  expect(loader.loading).toEqual([1, 2, 3, 4]);
  for (const [later, loading] of [
    [2, [1, 3, 4, 5]],
    [3, [1, 4, 5, 6]],
    [4, [1, 5, 6]],
    [5, [1, 6]],
    [6, [1]],
  ] as const) {
    await loader.finish({ version: later });
    expect(loader.loading).toEqual(loading);
  }
  expect(versions()).toEqual([2, 3, 4, 5, 6]);
  // What is wanted meanwhile does not wait for it either.
  fleet.want(want(1, 7));
  const settled = fleet.settle();
  expect(loader.loading).toEqual([1, 7]);
  await loader.finish();
  await loader.finish();
  await settled;
  expect(versions()).toEqual([1, 7]);
});

it('loads what is to be in memory all the time before what is there on demand', async () => {
  const { loader, fleet } = create();
  const [later] = want(1);
  const [first] = want(2);
  fleet.want([
    { ...later, loading: 'on-demand' },
    { ...first, model: 'n' },
  ]);
  const settled = fleet.settle();
  expect(loader.loading).toEqual([2, 1]);
  await loader.finish();
  await loader.finish();
  await settled;
});

it('makes no table after each of many loads where that takes long, and one at the end', async () => {
  const { loader, fleet, state, versions } = create();
  state.tableMillis = 10_000;
  const all = Array.from({ length: 40 }, (_, i) => i + 1);
  fleet.want(want(...all));
  const settled = fleet.settle();
  while (loader.loading.length > 0) {
    state.nowMillis += 20_000;
    await loader.finish();
  }
  await settled;
  expect(versions()).toEqual(all);
  // A twentieth of the time: one in about ten loads, and the first and the last.
  expect(state.tables).toBeGreaterThan(3);
  expect(state.tables).toBeLessThan(8);
});

it('swaps as each is there', async () => {
  const { loader, fleet, versions } = create();
  fleet.want(want(1, 2));
  const settled = fleet.settle();
  expect(loader.loading).toEqual([1, 2]);
  await loader.finish();
  expect(versions()).toEqual([1]);
  expect(fleet.report().map(({ state }) => state)).toEqual([
    'ready',
    'loading',
  ]);
  await loader.finish();
  await settled;
  expect(versions()).toEqual([1, 2]);
  expect(loader.released).toEqual([]);
});

it('frees a version that was not wanted any more when it came', async () => {
  const { loader, fleet, versions } = create();
  fleet.want(want(1));
  const settled = fleet.settle();
  fleet.want(want(2));
  await loader.finish();
  expect(loader.released).toEqual([1]);
  expect(loader.loading).toEqual([2]);
  await loader.finish();
  await settled;
  expect(versions()).toEqual([2]);
  expect(loader.released).toEqual([1]);
});

it('keeps the old version until the new one is there, and until it is idle', async () => {
  const { loader, fleet, versions, state } = create();
  fleet.want(want(1));
  const first = fleet.settle();
  await loader.finish();
  await first;
  const old = state.table?.routes.get('m')?.find(1);
  old?.enter();
  fleet.want(want(2));
  expect(versions()).toEqual([1]);
  const second = fleet.settle();
  await loader.finish();
  await second;
  expect(versions()).toEqual([2]);
  expect(loader.released).toEqual([]);
  old?.leave();
  await new Promise(setImmediate);
  expect(loader.released).toEqual([1]);
});

it.each([
  ['soon', new Error('connect ECONNREFUSED'), 'loading', 2_000],
  ['much later', new WrongArtifactError('other bytes'), 'failed', 60_000],
])('tries again %s after: %s', async (_when, error, phase, afterMillis) => {
  const { loader, fleet, versions, state } = create();
  fleet.want(want(1));
  const first = fleet.settle();
  await loader.finish({ error });
  await first;
  expect(fleet.report()[0].state).toBe(phase);
  expect(fleet.counts().failed).toBe(1);
  await fleet.settle();
  expect(loader.loading).toEqual([]);
  state.nowMillis += afterMillis;
  const second = fleet.settle();
  expect(loader.loading).toEqual([1]);
  expect(fleet.counts().failed).toBe(1);
  await loader.finish();
  await second;
  expect(versions()).toEqual([1]);
  expect(fleet.counts()).toEqual({ loaded: 1, failed: 0, queuedRequests: 0 });
});

it('tries again at once when that is asked for, and only then', async () => {
  const { loader, fleet, versions } = create();
  fleet.want(want(1));
  const first = fleet.settle();
  await loader.finish({ error: new WrongArtifactError('other bytes') });
  await first;
  fleet.want(want(1));
  await fleet.settle();
  expect(loader.loading).toEqual([]);
  const [route] = want(1);
  const [variant] = route.variants;
  fleet.want([{ ...route, variants: [{ ...variant, loadAttempt: 1 }] }]);
  const second = fleet.settle();
  expect(loader.loading).toEqual([1]);
  await loader.finish();
  await second;
  expect(versions()).toEqual([1]);
});

it('frees everything at the end', async () => {
  const { loader, fleet } = create();
  fleet.want(want(1));
  const settled = fleet.settle();
  await loader.finish();
  await settled;
  await fleet.close();
  expect(loader.released).toEqual([1]);
});

it('takes a version out while it cannot run, says why, and has it back', async () => {
  const { loader, fleet, state, versions } = create();
  fleet.want(want(1));
  void fleet.settle();
  await loader.finish();
  const route = () => state.table?.routes.get('m');
  expect([versions(), route()?.ready]).toEqual([[1], true]);

  loader.troubles.set(1, 'its thread ended: it is opened again');
  fleet.look();
  expect([versions(), route()?.ready]).toEqual([[], false]);
  expect(route()?.failure).toContain('its thread ended');
  expect(fleet.report()).toEqual([
    expect.objectContaining({
      version: 1,
      state: 'loading',
      error: 'its thread ended: it is opened again',
    }),
  ]);
  expect(fleet.counts()).toMatchObject({ loaded: 0, failed: 1 });
  // A data plane that starts again meanwhile still knows it.
  expect(fleet.effectiveModels()).toMatchObject([
    { model: 'm', variants: [{ version: 1, weightPercent: 100 }] },
  ]);

  loader.troubles.clear();
  fleet.look();
  expect([versions(), route()?.ready]).toEqual([[1], true]);
  expect(loader.released).toEqual([]);
});

it('does not fall back to a former version that cannot run', async () => {
  const { loader, fleet, state, versions } = create();
  fleet.want(want(1));
  void fleet.settle();
  await loader.finish();
  fleet.want(want(2));
  expect(versions()).toEqual([1]);
  loader.troubles.set(1, 'its thread ended');
  fleet.look();
  expect(versions()).toEqual([]);
  expect(state.table?.routes.get('m')?.ready).toBe(false);
});

describe('after processes that ended while they loaded versions', () => {
  const digestOf = (version: number) => `sha256:${version}`.padEnd(71, '0');
  const distinct = (...versions: number[]) => [
    routeOf(
      'm',
      versions.map(version =>
        variantOf('linear-1', {
          version,
          digest: digestOf(version),
          weightPercent: 100 / versions.length,
        }),
      ),
    ),
  ];
  let folder: string;
  let nowMillis: number;
  /** As a process that starts an hour later than the one before: nothing is held. */
  const start = () => {
    nowMillis += 3_600_000;
    return new LoadMarks({ folder, now: () => nowMillis, random: () => 0 });
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fleet-marks-'));
    nowMillis = Date.now();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('loads those versions last, and each alone, so that no other is taken for the one', async () => {
    const ended = start();
    [2, 3].forEach(version => ended.begin(digestOf(version)));
    const { loader, fleet, versions } = create({ marks: start() });
    fleet.want(distinct(1, 2, 3, 4));
    void fleet.settle();
    expect(loader.loading).toEqual([1, 4]);
    await loader.finish();
    expect(loader.loading).toEqual([4]);
    await loader.finish();
    expect(loader.loading).toEqual([2]);
    await loader.finish();
    expect(loader.loading).toEqual([3]);
    await loader.finish();
    expect(versions()).toEqual([1, 2, 3, 4]);
  });

  it('takes nothing for the one when it is stopped on purpose', async () => {
    const marks = start();
    const { fleet } = create({ marks });
    fleet.want(distinct(1));
    void fleet.settle();
    expect(start().isSuspect(digestOf(1))).toBe(true);
    void fleet.close();
    expect(start().isSuspect(digestOf(1))).toBe(false);
  });

  it('leaves a version be for a while, whatever it is asked, serves the others, and says why', async () => {
    start().begin(digestOf(2));
    const marks = new LoadMarks({ folder, now: Date.now, random: () => 0 });
    const { loader, fleet, state, versions } = create({ marks });
    fleet.want(distinct(1, 2));
    void fleet.settle();
    expect(loader.loading).toEqual([1]);
    await loader.finish();
    const [route] = distinct(1, 2);
    const asked = route.variants.map(one => ({ ...one, loadAttempt: 1 }));
    fleet.want([{ ...route, variants: asked }]);
    await fleet.settle();
    expect(loader.loading).toEqual([]);
    expect(versions()).toEqual([1]);
    expect(fleet.report()[1]).toMatchObject({
      version: 2,
      state: 'failed',
      error: expect.stringMatching(/^the data plane has ended while it loaded/),
    });
    state.nowMillis += 31_000;
    void fleet.settle();
    expect(loader.loading).toEqual([2]);
  });
});
