import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { createStores } from '../__testUtils__/createStores';
import { FakeRegistry } from '../__testUtils__/FakeRegistry';
import { desiredDeployment, modelVersion } from '../__testUtils__/fixtures';
import { DataPlaneKeeper } from './DataPlaneKeeper';
import type { DeployedState, Deployer } from './Deployer';
import { EnvironmentDataPlaneStore } from './EnvironmentDataPlaneStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const IDLE_MINUTES = 15;
const ENVIRONMENT = 'production';
const SIGNAL = new AbortController().signal;

/** Starts and stops at the next pass, as something that takes a moment does. */
class SlowDeployer implements Deployer {
  readonly isManaging = true;
  outlivesControlPlane = false;
  starts = 0;
  state: DeployedState['state'] = 'stopped';
  fails = false;

  async reconcile({ wanted }: { wanted: boolean }): Promise<DeployedState> {
    const since = '2026-05-03T12:00:00.000Z';
    if (wanted) {
      if (this.state === 'stopped') this.starts += 1;
      this.state = this.state === 'stopped' ? 'starting' : 'running';
    } else {
      this.state =
        this.state === 'running' || this.state === 'starting'
          ? 'stopping'
          : 'stopped';
    }
    if (wanted && this.fails) {
      return {
        state: 'failing',
        since,
        reason: 'its port is taken',
        attempts: 1,
        nextTryAt: since,
      };
    }
    return this.state === 'running'
      ? { state: 'running', since, publicUrl: 'http://127.0.0.1:7090' }
      : ({ state: this.state, since } as DeployedState);
  }

  onChanged(): void {}

  async stop(): Promise<void> {
    this.state = 'stopped';
  }
}

describe('DataPlaneKeeper', () => {
  let registry: FakeRegistry;
  let stores: Awaited<ReturnType<typeof createStores>>;
  let store: EnvironmentDataPlaneStore;
  let knex: Knex;

  beforeEach(async () => {
    registry = await FakeRegistry.start();
    registry.versions = [modelVersion(1), modelVersion(2)];
    stores = await createStores({
      knex: await databases.init('POSTGRES_18'),
      registry,
    });
    knex = stores.knex;
    store = new EnvironmentDataPlaneStore({ knex });
    await store.prepare([ENVIRONMENT], stores.clock());
    await store.prepare([ENVIRONMENT], stores.clock());
  });
  afterEach(() => registry.stop());

  /** One control plane process. */
  const startProcess = (deployer = new SlowDeployer()) => {
    const told: string[] = [];
    const keeper = new DataPlaneKeeper({
      store,
      deployers: new Map([
        [ENVIRONMENT, { deployer, idleMillis: IDLE_MINUTES * 60_000 }],
      ]),
      logger: mockServices.logger.mock(),
      clock: stores.clock,
      onChanged: environment => told.push(environment),
    });
    return {
      deployer,
      keeper,
      told,
      pass: async (times = 1) => {
        for (let time = 0; time < times; time++) await keeper.run(SIGNAL);
      },
    };
  };
  const run = async () =>
    (await store.listRuns([ENVIRONMENT])).get(ENVIRONMENT);
  const endLease = () =>
    knex('environment_data_planes').update({
      held_until: knex.raw(`now() - interval '1 second'`),
    });

  it('starts nothing that nobody needs', async () => {
    const { deployer, pass, told } = startProcess();
    await pass(3);
    expect(deployer.starts).toBe(0);
    expect(await run()).toMatchObject({ state: 'asleep', because: 'unused' });
    expect(told).toEqual([ENVIRONMENT]);
  });

  it('runs what was deployed, sleeps when nobody needs it any more, and wakes', async () => {
    const { deployer, pass, told } = startProcess();
    await stores.reconcile(desiredDeployment(1));
    await pass();
    expect(await run()).toMatchObject({ state: 'starting' });
    await pass(3);
    expect(await run()).toMatchObject({
      state: 'running',
      publicUrl: 'http://127.0.0.1:7090',
    });
    // What does not change is not told.
    expect(told).toHaveLength(2);

    await stores.report([
      {
        model: 'digits',
        version: 1,
        digest: desiredDeployment(1).digest,
        state: 'ready',
      },
    ]);
    await stores.tick();
    expect(await stores.phases()).toEqual(['completed']);
    stores.sleep(IDLE_MINUTES * 60 - 1);
    await pass();
    expect(await run()).toMatchObject({ state: 'running' });
    stores.sleep(1);
    await pass();
    expect(await run()).toMatchObject({ state: 'stopping' });
    await pass();
    expect(await run()).toMatchObject({
      state: 'asleep',
      because: 'idle',
      reason: expect.stringContaining('nobody has needed it for a while'),
      since: stores.clock().toISOString(),
    });
    const [row] = await knex('environment_data_planes');
    expect([row.holder, row.held_until]).toEqual([null, null]);

    await store.demand(ENVIRONMENT, stores.clock());
    await pass(2);
    expect(await run()).toMatchObject({ state: 'running' });
    expect(deployer.starts).toBe(2);
  });

  it('counts requests that the data plane tells of', async () => {
    const { pass } = startProcess();
    await store.demand(ENVIRONMENT, stores.clock());
    await pass(2);
    stores.sleep(IDLE_MINUTES * 60 - 1);
    await stores.dataPlanes.record({
      environment: ENVIRONMENT,
      report: {
        producer: 'one',
        publicUrl: 'http://one',
        models: [],
        lastRequestAt: stores.clock().toISOString(),
      },
      currentSnapshotId: 'current',
      now: stores.clock(),
    });
    stores.sleep(60);
    await pass();
    expect(await run()).toMatchObject({ state: 'running' });
  });

  it('stops what it is asked to stop, and says why it does not run', async () => {
    const { pass } = startProcess();
    await stores.reconcile(desiredDeployment(1));
    await pass(2);
    stores.sleep(5);
    await knex.transaction(tx =>
      store.askToStop(tx, ENVIRONMENT, stores.clock()),
    );
    await pass(2);
    expect(await run()).toMatchObject({ state: 'asleep', because: 'stopped' });
    stores.sleep(5);
    // A promotion needs it anew.
    await stores.reconcile(desiredDeployment(2));
    await pass(2);
    expect(await run()).toMatchObject({ state: 'running' });
  });

  it('tells what one fails of', async () => {
    const { deployer, pass } = startProcess();
    deployer.fails = true;
    await store.demand(ENVIRONMENT, stores.clock());
    await pass();
    expect(await run()).toMatchObject({
      state: 'failing',
      reason: 'its port is taken',
    });
  });

  it('has one of several processes run it', async () => {
    const processes = [startProcess(), startProcess(), startProcess()];
    await store.demand(ENVIRONMENT, stores.clock());
    for (let round = 0; round < 5; round++) {
      await Promise.all(processes.map(({ pass }) => pass()));
    }
    const starts = processes.map(({ deployer }) => deployer.starts).sort();
    expect(starts).toEqual([0, 0, 1]);
  });

  it('takes over from a process that has vanished, which lets go when it is back', async () => {
    const one = startProcess();
    const other = startProcess();
    await store.demand(ENVIRONMENT, stores.clock());
    await one.pass(2);
    await other.pass(2);
    expect(other.deployer.starts).toBe(0);
    await endLease();
    await other.pass(2);
    expect(other.deployer.state).toBe('running');
    // The first one looks at its lease again after seconds.
    const now = jest.spyOn(performance, 'now').mockReturnValue(1e12);
    await one.pass(2);
    now.mockRestore();
    expect(one.deployer.state).toBe('stopped');
    expect(await run()).toMatchObject({ state: 'running' });
    expect(other.deployer.state).toBe('running');
  });

  it('gives it away in order when its process stops', async () => {
    const one = startProcess();
    const other = startProcess();
    await store.demand(ENVIRONMENT, stores.clock());
    await one.pass(2);
    await one.keeper.stop();
    expect(one.deployer.state).toBe('stopped');
    expect(await run()).toMatchObject({
      state: 'asleep',
      because: 'handed-over',
    });
    await other.pass(2);
    expect(await run()).toMatchObject({ state: 'running' });
  });

  it('says that it sleeps where its process vanished and nobody needs it', async () => {
    const one = startProcess();
    const other = startProcess();
    await store.demand(ENVIRONMENT, stores.clock());
    await one.pass(2);
    stores.sleep(IDLE_MINUTES * 60);
    await other.pass();
    expect(await run()).toMatchObject({ state: 'running' });
    await endLease();
    await other.pass();
    expect(await run()).toMatchObject({ state: 'asleep', because: 'unused' });
    expect(other.deployer.starts).toBe(0);
  });

  describe('with data planes that outlive their process', () => {
    /** They are the same ones for all processes. */
    let cluster: SlowDeployer;
    beforeEach(() => {
      cluster = new SlowDeployer();
      cluster.outlivesControlPlane = true;
      cluster.stop = async () => {};
    });

    it('leaves them to the next process, and says that they run', async () => {
      const one = startProcess(cluster);
      await store.demand(ENVIRONMENT, stores.clock());
      await one.pass(2);
      await one.keeper.stop();
      expect(await run()).toMatchObject({ state: 'running' });
      expect(cluster.state).toBe('running');
      await startProcess(cluster).pass();
      expect(cluster.starts).toBe(1);
    });

    it('stops them where their process vanished and nobody needs them', async () => {
      const one = startProcess(cluster);
      await store.demand(ENVIRONMENT, stores.clock());
      await one.pass(2);
      stores.sleep(IDLE_MINUTES * 60);
      await endLease();
      await startProcess(cluster).pass(2);
      expect(cluster.state).toBe('stopped');
      expect(await run()).toMatchObject({ state: 'asleep', because: 'unused' });
    });

    it('does not stop them when another process has taken over', async () => {
      const one = startProcess(cluster);
      const other = startProcess(cluster);
      await store.demand(ENVIRONMENT, stores.clock());
      await one.pass(2);
      await endLease();
      await other.pass(2);
      const now = jest.spyOn(performance, 'now').mockReturnValue(1e12);
      await one.pass(2);
      now.mockRestore();
      expect(cluster.state).toBe('running');
      expect(cluster.starts).toBe(1);
    });
  });
});
