import { registryDatabases } from '../__testUtils__/registryDatabases';
import type { GitHost, MergeResult } from '../environments/GitHost';
import {
  ada,
  createHarness,
  grace,
  type Harness,
} from './__testUtils__/createHarness';

jest.setTimeout(180_000);

const databases = registryDatabases();
const REFUSED = {
  outcome: 'refused' as const,
  reason: 'GitHub does not let it be merged yet: a review is missing',
} satisfies MergeResult;

describe('Promotions that the Git host does not merge yet', () => {
  let harness: Harness;
  let started: ReturnType<Harness['start']>;
  /** What the Git host says when it is asked to merge. */
  let merge: GitHost['mergeChangeRequest'];

  beforeEach(async () => {
    harness = await createHarness(databases);
    await harness.register();
    merge = async () => REFUSED;
    const gitHost = new Proxy<GitHost>(harness.localHost, {
      get(target, name: keyof GitHost) {
        if (name === 'mergeChangeRequest') {
          return (...asked: Parameters<typeof merge>) => merge(...asked);
        }
        const value = target[name];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    started = harness.start({ gitHost });
  });
  afterEach(() => harness.stop());

  async function work() {
    await harness.knex('promotion_work').update({ due_at: new Date() });
    await started.reconciler.reconcile();
    await started.worker.runOnce(new AbortController().signal);
  }

  async function held(): Promise<string> {
    const { promotions } = started;
    const { id } = await promotions.promote(
      {
        model: 'digits',
        version: 1,
        environment: 'production',
        reason: 'It is ready.',
      },
      ada,
    );
    await work();
    await promotions.approve(id, { comment: 'Fine' }, grace);
    await work();
    const { state, steps } = await promotions.get(id, ada);
    expect(state.phase).toBe('merging');
    expect(
      steps.find(({ name }) => name === 'merge-change-request'),
    ).toMatchObject({ waitingFor: REFUSED.reason });
    return id;
  }

  it('can be closed, and are not merged after that', async () => {
    const id = await held();
    await started.promotions.close(id, { reason: 'Not any more.' }, ada);
    await work();
    const { state, changeRequest } = await started.promotions.get(id, ada);
    expect(state).toMatchObject({ phase: 'closed', reason: 'Not any more.' });
    expect(
      await harness.localHost.getChangeRequest(changeRequest!.number),
    ).toMatchObject({ state: 'closed' });
    expect(await harness.aliasOf('production')).toBeUndefined();
  });

  it('make way for a newer one', async () => {
    const id = await held();
    await harness.register();
    await started.promotions.promote(
      {
        model: 'digits',
        version: 2,
        environment: 'production',
        reason: 'It is better.',
      },
      ada,
    );
    expect(await harness.phaseOf(id)).toBe('closed');
  });

  it('go on when they were merged in the moment in which somebody closed them', async () => {
    const id = await held();
    const { localHost } = harness;
    merge = async (number, options) => {
      const result = await localHost.mergeChangeRequest(number, options);
      merge = (...asked) => localHost.mergeChangeRequest(...asked);
      await started.promotions.close(id, { reason: 'Not any more.' }, ada);
      return result;
    };
    await work();
    await work();
    const { state } = await started.promotions.get(id, ada);
    expect(state.phase).toBe('completed');
    expect(await harness.aliasOf('production')).toBe(1);
    const entries = await harness
      .knex('audit_entries')
      .where({ action: 'promotion-merged-before-close' });
    expect(entries).toHaveLength(1);
  });

  it('go on when somebody merged them by hand while they were closed', async () => {
    const id = await held();
    const { changeRequest } = await started.promotions.get(id, ada);
    merge = (...asked) => harness.localHost.mergeChangeRequest(...asked);
    await harness.clone.mergeByHand({
      branch: changeRequest!.branch,
      fastForward: false,
    });
    await started.promotions.close(id, { reason: 'Not any more.' }, ada);
    await work();
    await work();
    expect(await harness.phaseOf(id)).toBe('completed');
    expect(await harness.aliasOf('production')).toBe(1);
  });
});
