import fc from 'fast-check';
import {
  type PlannedJob,
  MINUTE,
  QueueWorld,
} from './__testUtils__/QueueWorld';
import { checkDecision, sumOf } from './__testUtils__/checkDecision';
import { decideQueue } from './decideQueue';
import type {
  QueueCapacity,
  QueueJob,
  QueueSettings,
  TeamQuota,
} from './queue';

const TEAMS = ['red', 'green', 'blue', 'grey'];
const FLAVORS = ['gpu', 'cpu'];
const BACKENDS = ['local', 'cluster'];
const SETTINGS: QueueSettings = {
  reserveAfterMillis: 5 * MINUTE,
  millisPerPriority: 10 * MINUTE,
};

const quotas: fc.Arbitrary<TeamQuota[]> = fc.uniqueArray(
  fc.record(
    {
      team: fc.constantFrom(...TEAMS),
      flavor: fc.constantFrom(...FLAVORS),
      nominal: fc.integer({ min: 0, max: 5 }),
      borrow: fc.integer({ min: 0, max: 6 }),
      weight: fc.constantFrom(1, 1, 2, 0.5),
    },
    { requiredKeys: ['team', 'flavor', 'nominal', 'weight'] },
  ),
  { maxLength: 8, selector: ({ team, flavor }) => `${team} ${flavor}` },
);

const capacity: fc.Arbitrary<QueueCapacity> = fc
  .array(
    fc.tuple(
      fc.constantFrom(...BACKENDS),
      fc.constantFrom(...FLAVORS),
      fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined, freq: 9 }),
    ),
    { maxLength: 5 },
  )
  .map(entries => {
    const all = new Map<string, Map<string, number | undefined>>([
      ['local', new Map([['gpu', 8]])],
    ]);
    for (const [backend, flavor, units] of entries) {
      const flavors = all.get(backend) ?? new Map();
      all.set(backend, flavors.set(flavor, units));
    }
    return all;
  });

const priority = fc.constantFrom<QueueJob['priority']>('low', 'normal', 'high');

const jobFields = {
  backend: fc.constantFrom('local', 'local', 'local', 'cluster'),
  flavor: fc.constantFrom('gpu', 'gpu', 'gpu', 'cpu'),
  units: fc.constantFrom(1, 1, 1, 2, 3, 4, 8, 11),
  team: fc.constantFrom(...TEAMS),
  priority,
  preemptible: fc.constantFrom(true, true, true, false),
};

function numbered<T extends object>(jobs: T[]) {
  return jobs.map((job, index) => ({
    ...job,
    id: `job-${index}`,
    sequence: index,
  }));
}

const plan: fc.Arbitrary<PlannedJob[]> = fc
  .array(
    fc.record({
      ...jobFields,
      comesAt: fc.integer({ min: 0, max: 40 }),
      runs: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 40, size: 'max' },
  )
  .map(numbered);

const snapshot: fc.Arbitrary<QueueJob[]> = fc
  .array(
    fc.record({
      ...jobFields,
      submittedAtMillis: fc.constantFrom(0, 20, 28, 30).map(m => m * MINUTE),
      state: fc.oneof(
        { weight: 3, arbitrary: fc.constant({ phase: 'queued' as const }) },
        fc.record({
          phase: fc.constant('running' as const),
          startedAtMillis: fc.integer({ min: 0, max: 3 }),
        }),
        fc.constant({ phase: 'stopping' as const }),
      ),
    }),
    { maxLength: 30, size: 'max' },
  )
  .map(numbered);

it('holds to its rules while jobs come and end, and lets each one run that can', () => {
  fc.assert(
    fc.property(
      fc.record({
        plan,
        quotas,
        capacity,
        stopMinutes: fc.integer({ min: 1, max: 3 }),
      }),
      ({ plan: jobs, stopMinutes, ...rest }) => {
        const world = new QueueWorld({
          ...rest,
          stopMinutes,
          settings: SETTINGS,
        });
        jobs.forEach(job => world.add(job));
        const canEver = new Set(jobs.map(({ id }) => id));
        const longest = Math.max(...jobs.map(({ runs }) => runs));
        // One after the other, each begun again as often as something was preempted, is the worst.
        // That no two stop each other for ever is told by the number of preemptions.
        const bound = () =>
          40 + 5 + (jobs.length + world.preemptions) * (longest + stopMinutes);
        const isDone = () =>
          world.minute > 40 &&
          world.known.every(
            ({ id, endedAt }) => endedAt !== undefined || !canEver.has(id),
          );
        while (!isDone()) {
          const { reasons } = world.pass();
          for (const [id, { kind }] of reasons) {
            if (kind === 'never-fits' || kind === 'no-flavor') {
              canEver.delete(id);
            }
          }
          expect(world.minute).toBeLessThanOrEqual(bound());
          expect(world.preemptions).toBeLessThanOrEqual(3 * jobs.length);
        }
        expect(
          world.known.filter(
            ({ id, firstStartAt }) =>
              canEver.has(id) !== (firstStartAt !== undefined),
          ),
        ).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});

it('decides the same in whatever order it is told, and by its rules whatever there is', () => {
  fc.assert(
    fc.property(
      snapshot.chain(jobs =>
        fc.record({
          jobs: fc.constant(jobs),
          shuffled: fc.shuffledSubarray(jobs, { minLength: jobs.length }),
        }),
      ),
      quotas.chain(all =>
        fc.record({
          all: fc.constant(all),
          shuffled: fc.shuffledSubarray(all, { minLength: all.length }),
        }),
      ),
      capacity,
      (jobs, teamQuotas, units) => {
        const decide = (
          someJobs: QueueJob[],
          someQuotas: TeamQuota[],
          someCapacity: QueueCapacity,
        ) => {
          const input = {
            nowMillis: 30 * MINUTE,
            jobs: someJobs,
            quotas: someQuotas,
            capacity: someCapacity,
            settings: SETTINGS,
          };
          const decision = decideQueue(input);
          checkDecision(input, decision);
          const { reasons, ...rest } = decision;
          return { ...rest, reasons: Object.fromEntries(reasons) };
        };
        expect(
          decide(
            jobs.shuffled,
            teamQuotas.shuffled,
            new Map([...units].reverse()),
          ),
        ).toEqual(decide(jobs.jobs, teamQuotas.all, units));
      },
    ),
    { numRuns: 500 },
  );
});

it('starts each job of a team when those before it have run, however many small ones come later', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          units: fc.constantFrom(1, 2, 5, 8),
          priority,
          comesAt: fc.integer({ min: 0, max: 10 }),
          runs: fc.integer({ min: 1, max: 6 }),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      some => {
        const world = new QueueWorld({
          quotas: [],
          capacity: new Map([['local', new Map([['gpu', 8]])]]),
          settings: SETTINGS,
          stopMinutes: 1,
        });
        const small = Array.from({ length: 120 }, (_, index) => ({
          units: 1,
          priority: 'high' as const,
          comesAt: Math.floor(index / 2),
          runs: 6,
        }));
        const jobs = numbered([...some, ...small]).map(job => ({
          ...job,
          backend: 'local',
          flavor: 'gpu',
          team: 'red',
          preemptible: true,
        }));
        jobs.forEach(job => world.add(job));
        const isWaiting = () =>
          world.known
            .slice(0, some.length)
            .some(job => job.firstStartAt === undefined);
        while (isWaiting() && world.minute < 400) world.pass();
        const level = { low: 0, normal: 1, high: 2 };
        const key = (job: PlannedJob) => job.comesAt - 10 * level[job.priority];
        for (const job of world.known.slice(0, some.length)) {
          const before = jobs.filter(other => key(other) <= key(job)).length;
          expect(job.firstStartAt).toBeDefined();
          expect(job.firstStartAt! - job.comesAt).toBeLessThanOrEqual(
            5 + before * 6,
          );
        }
      },
    ),
    { numRuns: 40 },
  );
});

/** More than can start waits of both teams. */
function keepHungry(
  world: QueueWorld,
  { units, runs }: { units: number; runs: number[] },
) {
  for (const team of TEAMS.slice(0, 2)) {
    const queued = world.jobs.filter(
      job => job.team === team && job.state.phase === 'queued',
    ).length;
    for (let more = queued; more < 13; more++) {
      const sequence = world.known.length;
      world.add({
        id: `job-${sequence}`,
        sequence,
        team,
        backend: 'local',
        flavor: 'gpu',
        units,
        priority: 'normal',
        preemptible: true,
        comesAt: world.minute,
        runs: runs[sequence % runs.length],
      });
    }
  }
}

it('gives hungry teams what they weigh, within one job', () => {
  fc.assert(
    fc.property(
      fc.record({
        weights: fc.constantFrom([1, 3], [1, 1], [2, 5], [0.5, 4]),
        units: fc.integer({ min: 1, max: 3 }),
        slots: fc.integer({ min: 1, max: 12 }),
        runs: fc.array(fc.integer({ min: 1, max: 9 }), {
          minLength: 20,
          maxLength: 20,
        }),
      }),
      ({ weights, units, slots, runs }) => {
        const world = new QueueWorld({
          quotas: weights.map((weight, index) => ({
            team: TEAMS[index],
            flavor: 'gpu',
            nominal: 0,
            weight,
          })),
          capacity: new Map([['local', new Map([['gpu', slots * units]])]]),
          settings: SETTINGS,
          stopMinutes: 1,
        });
        const due = (slots * weights[0]) / (weights[0] + weights[1]);
        const [first] = TEAMS;
        for (let minute = 0; minute < 25; minute++) {
          keepHungry(world, { units, runs });
          const before = world.jobs;
          const { starts } = world.pass();
          const has =
            sumOf(
              before.filter(
                ({ id, team, state }) =>
                  team === first &&
                  (state.phase !== 'queued' || starts.includes(id)),
              ),
            ) / units;
          expect(Math.abs(has - due)).toBeLessThanOrEqual(1);
        }
      },
    ),
    { numRuns: 100 },
  );
});

it('gives a team its own back within one decision and the time that stopping takes', () => {
  fc.assert(
    fc.property(
      fc.record({
        nominal: fc.integer({ min: 1, max: 12 }),
        borrowers: fc.array(fc.integer({ min: 1, max: 5 }), {
          minLength: 1,
          maxLength: 12,
        }),
        free: fc.integer({ min: 0, max: 3 }),
        stopMinutes: fc.integer({ min: 1, max: 4 }),
      }),
      ({ nominal, borrowers, free, stopMinutes }) => {
        const lent = borrowers.reduce((sum, units) => sum + units, 0);
        const own = Math.min(nominal, lent + free);
        const world = new QueueWorld({
          quotas: [{ team: 'red', flavor: 'gpu', nominal: own, weight: 1 }],
          capacity: new Map([['local', new Map([['gpu', lent + free]])]]),
          settings: SETTINGS,
          stopMinutes,
        });
        const common = {
          backend: 'local',
          flavor: 'gpu',
          priority: 'normal' as const,
          preemptible: true,
          runs: 1_000,
        };
        const ofOthers = borrowers.map((units, index) => ({
          units,
          team: index % 2 ? 'green' : 'blue',
          comesAt: 0,
        }));
        const ofOwner = Array.from({ length: own }, () => ({
          units: 1,
          team: 'red',
          comesAt: 1,
        }));
        numbered([...ofOthers, ...ofOwner]).forEach(job =>
          world.add({ ...common, ...job }),
        );
        world.pass();
        const borrowed = world.jobs.filter(job => job.team !== 'red');
        const { preemptions } = world.pass();
        const stopped = borrowed.filter(({ id }) =>
          preemptions.some(({ job }) => job === id),
        );
        const missing = Math.max(0, own - free);
        // As few as needed: without the least of them it would not be enough.
        const least = Math.min(...stopped.map(({ units }) => units));
        expect(sumOf(stopped)).toBeGreaterThanOrEqual(missing);
        expect(stopped.length === 0 || sumOf(stopped) - least < missing).toBe(
          true,
        );
        for (let minute = 0; minute < stopMinutes; minute++) {
          // What is made free is not for those who had it.
          expect(world.pass().preemptions).toEqual([]);
        }
        expect(world.usedBy('red')).toBe(own);
        world.pass();
        expect(world.preemptions).toBe(stopped.length);
      },
    ),
    { numRuns: 200 },
  );
});
