import { mockCredentials } from '@backstage/backend-test-utils';
import { NoticeQueue, ChangeLog } from '@greenroom/ai-node';
import type {
  RetrainingPolicy,
  TemplateSpec,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';
import type { Announcement } from '../events/announcement';
import {
  ADA,
  createJobHarness,
  SPEC,
} from '../jobs/__testUtils__/createJobHarness';
import { TemplateStore } from '../templates/TemplateStore';
import { Retrainer } from './Retrainer';
import { RetrainingNotices } from './RetrainingNotices';
import { DefaultRetrainingService } from './RetrainingService';
import { RetrainingStore } from './RetrainingStore';

jest.setTimeout(120_000);

const databases = trainingDatabases();
const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const OWNER = SPEC.owner;
const PLACE = { environment: 'production', model: 'digits' };

/** The registry and monitoring, as the tests say that they are. */
class FakeSources {
  readonly wanted = new Map<string, RetrainingPolicy>([
    ['digits', { template: 'digits', everyDays: 7 }],
  ]);
  readonly away = new Set<string>();
  drift: { version: number; isDrifting: boolean } | undefined;
  modelOwner: string | undefined = OWNER;
  datasetOwner: string | undefined = OWNER;
  version: number | undefined = 4;

  async listWanted(environment: string) {
    if (this.away.has(environment)) throw new Error(`${environment} is away`);
    if (environment !== 'production') return [];
    return [...this.wanted].map(([model, policy]) => ({
      model,
      policy,
      version: 3,
    }));
  }
  async listDrift() {
    if (this.away.has('monitoring')) throw new Error('monitoring is away');
    return new Map(this.drift && [['digits', this.drift]]);
  }
  async findModelOwner() {
    if (this.away.has('registry')) throw new Error('the registry is away');
    return this.modelOwner;
  }
  async findDatasetOwner() {
    return this.datasetOwner;
  }
  async findVersion() {
    return this.version;
  }
}

async function createHarness(knex: Knex, spec: Partial<TemplateSpec> = {}) {
  const jobs = await createJobHarness(knex, {
    spec: { model: 'digits', ...spec },
  });
  const store = new RetrainingStore({ knex });
  const templates = new TemplateStore({ knex });
  const changes = new ChangeLog<Announcement>({ knex });
  const sources = new FakeSources();
  let now = new Date('2026-05-01T00:00:00.000Z');
  const clock = () => now;
  const createRetrainer = () =>
    new Retrainer({
      auth: {
        getOwnServiceCredentials: async () =>
          mockCredentials.service('plugin:ai-training') as never,
      },
      changes,
      clock,
      environments: ['staging', 'production'],
      jobs: jobs.service,
      jobStore: jobs.jobs,
      logger: jobs.logger,
      notices: new RetrainingNotices({ queue: new NoticeQueue({ knex }) }),
      sources,
      store,
      templates,
    });
  const retrainer = createRetrainer();
  const look = (by = retrainer) => by.run(new AbortController().signal);
  return {
    ...jobs,
    store,
    sources,
    templates,
    createRetrainer,
    service: new DefaultRetrainingService({
      store,
      templates,
      changes,
      clock,
      wake: () => {},
    }),
    jobService: jobs.service,
    look,
    /** Lets time pass, then looks. */
    async later(millis: number) {
      now = new Date(now.getTime() + millis);
      await look();
    },
    state: async () => (await store.get(PLACE)).state,
    listJobs: async () => (await jobs.jobs.list({})).items,
    /** Has the jobs that there are come to an end. */
    async finish(end?: Parameters<typeof jobs.backend.end>[0]) {
      await jobs.pass();
      jobs.backend.run();
      jobs.backend.end(end);
      await jobs.pass();
    },
    async clear() {
      await knex('retrainings').delete();
      await knex('owner_notices').delete();
      await knex('training_templates').delete();
      await jobs.clear();
    },
  };
}

const FAILED = {
  kind: 'program-failed',
  exitCode: 1,
  lastLines: 'boom',
} as const;

describe('Retrainer', () => {
  let knex: Knex;
  let harness: Awaited<ReturnType<typeof createHarness>>;

  beforeAll(async () => {
    knex = await databases.open();
  });
  const open = async (spec?: Partial<TemplateSpec>) => {
    harness = await createHarness(knex, spec);
    return harness;
  };
  afterEach(() => harness.clear());

  it('trains again when the days have passed, and counts anew from what it made', async () => {
    const { look, later, state, listJobs, finish, store } = await open();
    await look();
    expect(await state()).toMatchObject({ phase: 'idle' });
    await later(6 * DAY);
    expect(await listJobs()).toEqual([]);
    await later(DAY);
    expect(await state()).toMatchObject({ phase: 'due' });
    await later(60_000);
    const [job] = await listJobs();
    expect(job).toMatchObject({
      template: 'digits',
      submittedBy: 'service:greenroom',
      team: OWNER,
    });
    expect(await state()).toMatchObject({ phase: 'training', job: job.id });
    await later(60_000);
    await finish();
    await later(60_000);
    expect(await state()).toMatchObject({ phase: 'registered', version: 4 });
    const ended = (await harness.jobs.get(job.id)).state.since;
    const [shown] = await store.list({ model: 'digits' });
    expect(shown.trainedAt).toBe(ended);
    expect(shown.events.map(event => event.state.phase)).toEqual([
      'registered',
      'training',
      'due',
      'idle',
    ]);
    expect(await listJobs()).toHaveLength(1);
    const audit = await knex('audit_entries')
      .where('action', 'like', 'retraining-%')
      .orderBy('id');
    expect(audit).toEqual(
      ['due', 'training', 'registered'].map(phase =>
        expect.objectContaining({
          action: `retraining-${phase}`,
          model: 'digits',
          environment: 'production',
          subject: 'digits',
          owner: OWNER,
        }),
      ),
    );
  });

  it('trains again for drift that stands for an hour', async () => {
    const { sources, later, look, state } = await open();
    sources.wanted.set('digits', { template: 'digits', onDrift: true });
    sources.drift = { version: 3, isDrifting: true };
    await look();
    await later(HOUR - 60_000);
    expect(await state()).toMatchObject({ phase: 'idle' });
    sources.drift.isDrifting = false;
    await later(60_000);
    sources.drift.isDrifting = true;
    await later(60_000);
    await later(HOUR - 60_000);
    expect(await state()).toMatchObject({ phase: 'idle' });
    // Nothing is known while monitoring is away.
    sources.away.add('monitoring');
    await later(60_000);
    expect(await state()).toMatchObject({ phase: 'idle' });
    sources.away.clear();
    await later(60_000);
    expect(await state()).toMatchObject({
      phase: 'due',
      because: { kind: 'drift', version: 3 },
    });
  });

  it('does not see drift of a version that the manifest does not name', async () => {
    const { sources, later, look, store } = await open();
    sources.wanted.set('digits', { template: 'digits', onDrift: true });
    sources.drift = { version: 2, isDrifting: true };
    await look();
    await later(HOUR);
    expect(await store.get(PLACE)).not.toHaveProperty('drift');
  });

  it('asks for one job, however many control planes look and are killed', async () => {
    const { look, later, createRetrainer, listJobs, state, store } =
      await open();
    await look();
    await later(7 * DAY);
    const due = await store.get(PLACE);
    // Killed after the job was submitted: what is due is still so.
    await look();
    await knex('retrainings').update({ state: JSON.stringify(due.state) });
    const others = [createRetrainer(), createRetrainer(), createRetrainer()];
    await Promise.all(others.map(one => look(one)));
    const jobs = await listJobs();
    expect(jobs).toHaveLength(1);
    expect(jobs[0].state.phase).toBe('queued');
    expect(await state()).toMatchObject({ phase: 'training', job: jobs[0].id });
    const wished = await knex('training_jobs').whereNotNull('wish');
    expect(wished).toEqual([]);
  });

  it('tries again after failures, then is paused and its owner told', async () => {
    const { look, later, finish, state, listJobs, service } = await open({
      retries: 0,
    });
    await look();
    await later(7 * DAY);
    for (const pause of [HOUR, DAY]) {
      await later(60_000);
      await finish(FAILED);
      await later(60_000);
      expect(await state()).toMatchObject({
        phase: 'failed',
        reason: 'The job failed: its program ended with exit code 1.',
      });
      await later(pause - 60_000);
      expect(await state()).toMatchObject({ phase: 'failed' });
      await later(60_000);
      expect(await state()).toMatchObject({ phase: 'due' });
    }
    await later(60_000);
    await finish(FAILED);
    await later(60_000);
    expect(await state()).toMatchObject({
      phase: 'paused',
      by: 'service:greenroom',
      reason: expect.stringMatching(/^It failed 3 times/),
    });
    expect(await listJobs()).toHaveLength(3);
    await later(100 * DAY);
    expect(await listJobs()).toHaveLength(3);
    expect(await knex('owner_notices')).toEqual([
      expect.objectContaining({
        kind: 'retraining-paused',
        scope: 'retraining:production/digits',
        owners: [OWNER],
      }),
    ]);
    const resumed = await service.steer(PLACE, { do: 'resume' }, ADA);
    expect(resumed).toMatchObject({ failures: 0, state: { phase: 'idle' } });
  });

  it.each<[string, RegExp, (it: typeof harness) => void | Promise<void>]>([
    [
      'a template that there is not',
      /There is no training template 'other'/,
      ({ sources }) => {
        sources.wanted.set('digits', { template: 'other', everyDays: 7 });
      },
    ],
    [
      "a template of others than the model's",
      /belongs to 'group:default\/vision', and the model to 'group:default\/text'/,
      ({ sources }) => {
        sources.modelOwner = 'group:default/text';
      },
    ],
    [
      'a model that there is not',
      /and the model to nobody/,
      ({ sources }) => {
        sources.modelOwner = undefined;
      },
    ],
    [
      'a dataset of others that nobody has had it read',
      /The dataset 'digits-train' belongs to 'group:default\/text'.*start one by hand first/,
      ({ sources }) => {
        sources.datasetOwner = 'group:default/text';
      },
    ],
    [
      'a backend that cannot run it',
      /too large/,
      ({ backend }) => {
        backend.problem = 'resources: too large';
      },
    ],
  ])('says why in words with %s', async (_what, reason, change) => {
    const it = await open();
    await change(it);
    await it.look();
    await it.later(7 * DAY);
    await it.later(60_000);
    expect(await it.state()).toMatchObject({
      phase: 'failed',
      reason: expect.stringMatching(reason),
    });
    expect(await it.listJobs()).toEqual([]);
  });

  it('refuses a template that adds versions to another model', async () => {
    const it = await open({ model: 'letters' });
    await it.look();
    await it.later(7 * DAY);
    await it.later(60_000);
    expect(await it.state()).toMatchObject({
      phase: 'failed',
      reason: expect.stringContaining("adds versions to 'letters'"),
    });
  });

  it('reads datasets of others that a person has had a job of it read', async () => {
    const it = await open();
    it.sources.datasetOwner = 'group:default/text';
    await it.submit();
    await it.look();
    await it.later(7 * DAY);
    await it.later(60_000);
    expect(await it.state()).toMatchObject({ phase: 'training' });
  });

  it('waits for a registry that is away, and holds up no neighbour', async () => {
    const it = await open();
    it.sources.wanted.set('letters', { template: 'none', everyDays: 1 });
    await it.look();
    it.sources.away.add('staging');
    await it.later(7 * DAY);
    it.sources.away.add('registry');
    await it.later(60_000);
    await it.later(60_000);
    expect(await it.state()).toMatchObject({ phase: 'due' });
    expect(
      (await it.store.get({ ...PLACE, model: 'letters' })).state,
    ).toMatchObject({ phase: 'failed' });
    // Each cause once, however often it is so.
    expect(it.logger.warn).toHaveBeenCalledTimes(2);
    it.sources.away.clear();
    await it.later(60_000);
    expect(await it.state()).toMatchObject({ phase: 'training' });
  });

  it('keeps what was read last of an environment that cannot be read, and lets go what a manifest drops', async () => {
    const it = await open();
    await it.look();
    it.sources.away.add('production');
    await it.later(60_000);
    expect(await it.store.get(PLACE)).toMatchObject({ isWanted: true });
    it.sources.away.clear();
    it.sources.wanted.clear();
    await it.later(60_000);
    expect(await it.store.get(PLACE)).toMatchObject({ isWanted: false });
    await it.later(30 * DAY);
    expect(await it.listJobs()).toEqual([]);
    await expect(it.service.steer(PLACE, { do: 'start' }, ADA)).rejects.toThrow(
      'is not wanted any more',
    );
    // Said again, days count from then on.
    it.sources.wanted.set('digits', { template: 'digits', everyDays: 7 });
    await it.later(60_000);
    await it.later(60_000);
    expect(await it.state()).toMatchObject({ phase: 'idle' });
  });

  it('is paused, resumed and started by people, who find the job that ran meanwhile', async () => {
    const { service, look, later, state, listJobs, finish } = await open();
    await look();
    await service.steer(PLACE, { do: 'start' }, ADA);
    expect(await state()).toMatchObject({
      phase: 'due',
      because: { kind: 'person', by: 'user:default/ada' },
    });
    await expect(service.steer(PLACE, { do: 'start' }, ADA)).rejects.toThrow(
      'one job runs at a time',
    );
    await later(60_000);
    const paused = await service.steer(
      PLACE,
      { do: 'pause', reason: 'New data comes' },
      ADA,
    );
    expect(paused.state).toMatchObject({
      phase: 'paused',
      by: 'user:default/ada',
      reason: 'New data comes',
      training: { job: (await listJobs())[0].id },
    });
    await finish();
    await later(30 * DAY);
    expect(await listJobs()).toHaveLength(1);
    for (const act of ['pause', 'start'] as const) {
      await expect(service.steer(PLACE, { do: act }, ADA)).rejects.toThrow(
        'paused',
      );
    }
    await service.steer(PLACE, { do: 'resume' }, ADA);
    await later(60_000);
    expect(await state()).toMatchObject({ phase: 'registered', version: 4 });
    await expect(service.steer(PLACE, { do: 'resume' }, ADA)).rejects.toThrow(
      'is not paused',
    );
  });

  it('takes back a job that was asked for while somebody paused it', async () => {
    const { service, look, later, store, state, listJobs } = await open();
    await look();
    await later(7 * DAY);
    // Paused after it was looked at, and before the job is known.
    const find = jest.spyOn(store, 'findUnproven');
    find.mockImplementationOnce(async () => {
      await service.steer(PLACE, { do: 'pause' }, ADA);
      return new Set();
    });
    await look();
    expect(await state()).toMatchObject({ phase: 'paused' });
    const [job] = await listJobs();
    await harness.pass();
    expect((await harness.jobs.get(job.id)).state).toMatchObject({
      phase: 'cancelled',
    });
  });

  it('is paused by who cancels its job', async () => {
    const { look, later, listJobs, jobService, pass, state } = await open();
    await look();
    await later(7 * DAY);
    await later(60_000);
    const [{ id }] = await listJobs();
    await jobService.cancel(id, ADA);
    await pass();
    await later(60_000);
    expect(await state()).toMatchObject({
      phase: 'paused',
      by: 'user:default/ada',
      reason: 'Its job was cancelled.',
    });
  });
});

describe('RetrainingStore', () => {
  let knex: Knex;
  let store: RetrainingStore;
  const now = new Date('2026-05-01T00:00:00.000Z');
  const see = (
    environment: string,
    wanted: Parameters<RetrainingStore['see']>[2],
  ) => knex.transaction(tx => store.see(tx, environment, wanted, now));

  beforeAll(async () => {
    knex = await databases.open();
    store = new RetrainingStore({ knex });
  });
  afterEach(() => knex('retrainings').delete());

  it('tells what is new, once', async () => {
    const policy = { template: 'digits', everyDays: 7 };
    const wanted = [{ model: 'digits', version: 1, policy }];
    expect(await see('production', wanted)).toEqual([
      { model: 'digits', template: 'digits' },
    ]);
    expect(await see('production', wanted)).toEqual([]);
    expect(await see('staging', [])).toEqual([]);
    const [shown] = await store.list({ template: 'digits' });
    expect(shown).toMatchObject({ isWanted: true, policy });
    expect(shown.events).toHaveLength(1);
  });

  it('forgets failures with another template, and takes what the manifest says now', async () => {
    const first = { template: 'digits', everyDays: 7 };
    await see('production', [{ model: 'digits', version: 1, policy: first }]);
    await knex('retrainings').update({ failures: 2 });
    await see('production', [
      { model: 'digits', version: 2, policy: { ...first, everyDays: 3 } },
    ]);
    expect(await store.get(PLACE)).toMatchObject({
      failures: 2,
      runningVersion: 2,
      policy: { everyDays: 3 },
    });
    const policy = { template: 'other', everyDays: 3 };
    await see('production', [{ model: 'digits', version: 2, policy }]);
    expect(await store.get(PLACE)).toMatchObject({ failures: 0, policy });
  });

  it('changes nothing for who has seen an older state, and shows the last 20 events', async () => {
    const policy = { template: 'digits' };
    await see('production', [{ model: 'digits', version: 1, policy }]);
    const change = (revision: number, second: number) =>
      knex.transaction(tx =>
        store.setState(
          tx,
          { ...PLACE, revision },
          {
            state: {
              phase: 'idle',
              since: new Date(now.getTime() + second * 1_000).toISOString(),
            },
            failures: 0,
            isNews: true,
          },
        ),
      );
    expect(await change(2, 1)).toBe(false);
    for (let i = 1; i <= 25; i += 1) expect(await change(i, i)).toBe(true);
    const [{ events }] = await store.list({ model: 'digits' });
    expect(events).toHaveLength(20);
    expect(events[0].at).toBe('2026-05-01T00:00:25.000Z');
  });

  it('lets go all of environments that are not configured any more', async () => {
    const policy = { template: 'digits' };
    await see('production', [{ model: 'digits', version: 1, policy }]);
    await store.forgetEnvironments(['production']);
    expect(await store.get(PLACE)).toMatchObject({ isWanted: true });
    await store.forgetEnvironments(['staging']);
    expect(await store.get(PLACE)).toMatchObject({ isWanted: false });
    await expect(store.get({ ...PLACE, environment: 'dev' })).rejects.toThrow(
      "'digits' is not trained again by itself for dev",
    );
  });

  it('sees ten thousand at once', async () => {
    const wanted = Array.from({ length: 10_000 }, (_, i) => ({
      model: `m${i}`,
      version: 1,
      policy: { template: 'digits', everyDays: 1 },
    }));
    expect(await see('production', wanted)).toHaveLength(10_000);
    expect(await see('production', wanted)).toEqual([]);
    expect(await store.listOpen()).toHaveLength(10_000);
  });
});
