import type { Knex } from 'knex';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { openGit } from '../adapters/git/openGit';
import type { GitHost } from '../environments/GitHost';
import { ChangeLog } from '@greenroom/ai-node';
import type { Announcement } from '../events/announcement';
import {
  ada,
  createHarness,
  evaluationWithErrors,
  grace,
  type Harness,
} from './__testUtils__/createHarness';

jest.setTimeout(300_000);

const databases = registryDatabases();
const signal = new AbortController().signal;

/** A process that dies at its n-th change to the world, and does nothing after that. */
class MortalProcess {
  #changesLeft: number;
  isDead = false;

  constructor(dieAtChange: number) {
    this.#changesLeft = dieAtChange;
  }

  countChange(): void {
    this.#changesLeft -= 1;
    if (this.#changesLeft <= 0) this.isDead = true;
    this.mustLive();
  }

  mustLive(): void {
    if (this.isDead) throw new Error('killed');
  }
}

/** Dies before a commit: what the transaction did is lost. */
class MortalChangeLog extends ChangeLog<Announcement> {
  readonly #process: MortalProcess;

  constructor(options: { knex: Knex; process: MortalProcess }) {
    super(options);
    this.#process = options.process;
  }

  transaction<T>(change: (tx: Knex.Transaction) => Promise<T>): Promise<T> {
    return super.transaction(async tx => {
      const result = await change(tx);
      this.#process.countChange();
      return result;
    });
  }
}

const CHANGING_CALLS = new Set<PropertyKey>([
  'ensureBranch',
  'openChangeRequest',
  'updateChangeRequest',
  'mergeChangeRequest',
  'closeChangeRequest',
]);

/** Dies after Git was changed: whoever asked never hears of it. */
function mortalHost(host: GitHost, process: MortalProcess): GitHost {
  return new Proxy(host, {
    get(target, name: keyof GitHost) {
      const method = target[name].bind(target) as (
        ...args: unknown[]
      ) => Promise<unknown>;
      return async (...args: unknown[]) => {
        process.mustLive();
        const result = await method(...args);
        if (CHANGING_CALLS.has(name)) process.countChange();
        return result;
      };
    },
  });
}

describe('PromotionEngine', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await createHarness(databases);
  });
  afterEach(() => harness.stop());

  const promoteToDev = (version: number) =>
    harness.promotions.promote(
      { model: 'digits', version, environment: 'dev', reason: 'Try it.' },
      ada,
    );

  /** Time goes by. */
  const endLeases = () =>
    harness
      .knex('promotion_work')
      .update({ due_at: new Date(), lease: null, leased_until: null });

  it('ends the same wherever it is killed', async () => {
    const repository = openGit(harness.directory).repository;
    // Gates that only look are alike to the engine: some of them stand for all.
    harness.world.config = {
      aiRegistry: {
        promotion: {
          gates: Object.fromEntries(
            [
              'deprecation',
              'drift',
              'files',
              'latency',
              'licence',
              'replay',
              'slices',
            ].map(gate => [gate, { mode: 'off' }]),
          ),
        },
      },
    };
    harness = { ...harness, ...harness.start() };
    let survived = false;
    let deaths = 0;
    for (let dieAt = 1; !survived; dieAt++) {
      const { version } = await harness.register({
        evaluation: evaluationWithErrors(10),
      });
      const before = await harness.localHost.mainRevision();
      const { id } = await promoteToDev(version);
      const process = new MortalProcess(dieAt);
      const mortal = harness.start({
        gitHost: mortalHost(harness.localHost, process),
        changes: new MortalChangeLog({ knex: harness.knex, process }),
      });
      const workAndDie = async () => {
        try {
          await mortal.worker.runOnce(signal);
        } catch (error) {
          if (!process.isDead) throw error;
        }
      };

      await workAndDie();
      await endLeases();
      await harness.work();
      expect(await harness.phaseOf(id)).toBe('awaiting-review');
      await harness.promotions.approve(id, {}, grace);
      await workAndDie();
      await endLeases();
      await harness.work();

      expect(await harness.phaseOf(id)).toBe('completed');
      expect(await harness.aliasOf('dev')).toBe(version);
      const head = await harness.localHost.mainRevision();
      expect(await repository.resolve(`${head}^1`)).toBe(before);
      expect(await repository.resolve(`${head}^2^1`)).toBe(before);
      const { items: requests } = await harness.localHost.listChangeRequests();
      expect(requests).toHaveLength(dieAt);
      expect(requests[0]).toMatchObject({
        state: 'merged',
        branch: `promote/digits/v${version}-dev`,
      });
      const { items: history } = await harness.aliasStore.history('digits', {
        limit: 200,
      });
      expect(history).toHaveLength(dieAt);
      expect(history[0]).toMatchObject({ version, promotionId: id });

      survived = !process.isDead;
      deaths += survived ? 0 : 1;
    }
    // Two writes for each of eleven steps, the change of the alias, and four changes of Git.
    expect(deaths).toBeGreaterThanOrEqual(20);
  });

  it('tries again what may pass by itself, and gives up in the end', async () => {
    await harness.register();
    const { id } = await promoteToDev(1);
    let failures = 0;
    const host = new Proxy(harness.localHost, {
      get(target, name: keyof GitHost) {
        if (name !== 'openChangeRequest') return target[name].bind(target);
        return async () => {
          failures += 1;
          throw new Error('The Git host does not answer');
        };
      },
    });
    const flaky = harness.start({ gitHost: host });
    await flaky.worker.runOnce(signal);
    const { state, steps } = await harness.store.get(id);
    expect(state).toEqual({ phase: 'checking' });
    expect(steps[1]).toMatchObject({
      status: 'pending',
      attempts: 1,
      error: 'The Git host does not answer',
    });
    // Not due before its pause is over.
    await flaky.worker.runOnce(signal);
    expect(failures).toBe(1);

    for (let attempt = 2; attempt <= 8; attempt++) {
      await harness.knex('promotion_work').update({ due_at: new Date() });
      await flaky.worker.runOnce(signal);
    }
    expect((await harness.store.get(id)).state).toEqual({
      phase: 'failed',
      step: 'open-change-request',
      error: 'The Git host does not answer',
    });
    expect(await harness.knex('promotion_work')).toEqual([]);

    await harness.promotions.retry(id, ada);
    await harness.work();
    expect(await harness.phaseOf(id)).toBe('awaiting-review');
  });

  it('lets several workers share the promotions', async () => {
    await harness.register();
    const ids: string[] = [];
    for (const environment of ['dev', 'staging', 'production'] as const) {
      const { id } = await harness.promotions.promote(
        { model: 'digits', version: 1, environment, reason: 'Try it.' },
        ada,
      );
      ids.push(id);
    }
    const workers = [1, 2, 3].map(() => harness.start().worker);
    await Promise.all(workers.map(worker => worker.runOnce(signal)));
    for (const id of ids) {
      const { state, steps } = await harness.store.get(id);
      expect(state.phase).toBe('awaiting-review');
      const review = steps.findIndex(step => step.name === 'await-review');
      expect(steps.map(step => step.attempts)).toEqual(
        steps.map((_, index) => (index <= review ? 1 : 0)),
      );
    }
    const { items } = await harness.localHost.listChangeRequests();
    expect(items).toHaveLength(3);
  });

  it('leaves no change request behind when it is closed while one is opened', async () => {
    await harness.register();
    const { id } = await promoteToDev(1);
    const host = new Proxy(harness.localHost, {
      get(target, name: keyof GitHost) {
        if (name !== 'openChangeRequest') return target[name].bind(target);
        return async (...args: Parameters<GitHost['openChangeRequest']>) => {
          const request = await target.openChangeRequest(...args);
          await harness.promotions.close(id, { reason: 'No' }, ada);
          return request;
        };
      },
    });
    await harness.start({ gitHost: host }).worker.runOnce(signal);
    const { state, changeRequest } = await harness.store.get(id);
    expect(state).toMatchObject({ phase: 'closed', reason: 'No' });
    expect(changeRequest).toBeUndefined();
    expect(await harness.localHost.listChangeRequests()).toMatchObject({
      items: [{ state: 'closed' }],
    });
  });

  it('stops between two steps when it is asked to, and goes on later', async () => {
    await harness.register();
    const { id } = await promoteToDev(1);
    const stopping = new AbortController();
    const host = new Proxy(harness.localHost, {
      get(target, name: keyof GitHost) {
        if (name === 'openChangeRequest') stopping.abort();
        return target[name].bind(target);
      },
    });
    const { worker } = harness.start({ gitHost: host });
    await worker.runOnce(stopping.signal);
    const { steps } = await harness.store.get(id);
    expect(steps.map(step => step.status).slice(0, 3)).toEqual([
      'done',
      'done',
      'pending',
    ]);
    await harness.work();
    expect(await harness.phaseOf(id)).toBe('awaiting-review');
  });
});
