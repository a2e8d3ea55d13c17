import { registryDatabases } from '../../__testUtils__/registryDatabases';
import type { GitHost } from '../../environments/GitHost';
import { manifestPath } from '@greenroom/manifest';
import {
  ada,
  createHarness,
  grace,
  type Harness,
} from '../__testUtils__/createHarness';

jest.setTimeout(60_000);

const databases = registryDatabases();
/** Somebody whom the portal knows: nobody's approval counts for what a stranger wrote. */
const hand = { name: 'Linus', email: 'linus@example.com' };
const PATH = manifestPath({ environment: 'dev', model: 'digits' });
const BRANCH = 'promote/digits/v1-dev';

describe('mergeChangeRequest', () => {
  let harness: Harness;
  let id: string;

  beforeEach(async () => {
    harness = await createHarness(databases);
    await harness.register();
    const promotion = await harness.promotions.promote(
      { model: 'digits', version: 1, environment: 'dev', reason: 'Try it.' },
      ada,
    );
    id = promotion.id;
    await harness.work();
  });
  afterEach(() => harness.stop());

  const push = async (branch: string, change: (text: string) => string) => {
    const text = await harness.localHost.readFile({
      path: PATH,
      revision: BRANCH,
    });
    return harness.clone.push({
      branch,
      path: PATH,
      content: change(text ?? ''),
      author: hand,
    });
  };
  const approve = () => harness.promotions.approve(id, {}, grace);
  const stateOf = async () => (await harness.store.get(id)).state;

  it('does not merge what was pushed after the approval, and asks for another one', async () => {
    await approve();
    await push(BRANCH, text => `${text}# one more thing\n`);
    await harness.work();
    expect(await stateOf()).toEqual({ phase: 'awaiting-review' });
    expect(await harness.aliasOf('dev')).toBeUndefined();
    await approve();
    await harness.work();
    expect(await stateOf()).toMatchObject({ phase: 'completed' });
    const { reviews } = await harness.promotions.get(id, ada);
    expect(reviews).toHaveLength(2);
  });

  it('rebuilds its branch when main changed after the approval, and asks for another one', async () => {
    await approve();
    const two = await harness.register();
    await push('main', text =>
      text
        .replace('version: 1', 'version: 2')
        .replace(/sha256:\w+/, two.digest),
    );
    await harness.work();
    const record = await harness.store.get(id);
    // Neither version was evaluated, so a reviewer decides.
    expect(record).toMatchObject({
      fromVersion: 2,
      state: { phase: 'awaiting-review' },
    });
    const branch = await harness.localHost.getBranch(BRANCH);
    expect(branch?.conflicts).toEqual([]);
    expect(await harness.aliasOf('dev')).toBe(2);
  });

  it('cannot rebuild a branch that somebody else pushed to', async () => {
    await push(BRANCH, text => `${text}# mine\n`);
    await push('main', text =>
      text.replace('holdSeconds: 1', 'holdSeconds: 9'),
    );
    await push('main', text => text.replace('version: 1', 'version: 9'));
    await harness.work();
    expect(await stateOf()).toMatchObject({
      phase: 'failed',
      step: 'create-branch',
      error: `Branch '${BRANCH}' conflicts with main in ${PATH}: merge main into it, or delete it, then try again`,
    });
    await harness.clone.removeBranch(BRANCH);
    await harness.promotions.retry(id, ada);
    await harness.work();
    expect(await stateOf()).toEqual({ phase: 'awaiting-review' });
  });

  it('ends when its branch is removed after the approval', async () => {
    await approve();
    await harness.clone.removeBranch(BRANCH);
    await harness.work();
    expect(await stateOf()).toMatchObject({
      phase: 'closed',
      reason: 'The change request was closed before it could be merged.',
    });
  });

  it.each(['refused', 'queued'] as const)(
    'waits while the Git host has it %s, says what for, and merges in the end',
    async outcome => {
      await approve();
      const reason = 'The rules of main want another review.';
      const host = new Proxy(harness.localHost, {
        get(target, name: keyof GitHost) {
          return name === 'mergeChangeRequest'
            ? async () => ({ outcome, reason })
            : target[name].bind(target);
        },
      });
      const strict = harness.start({ gitHost: host });
      await strict.worker.runOnce(new AbortController().signal);
      const { state, steps } = await harness.store.get(id);
      expect(state.phase).toBe('merging');
      expect(steps.find(step => step.status === 'running')).toMatchObject({
        name: 'merge-change-request',
        waitingFor: reason,
      });
      expect(await harness.aliasOf('dev')).toBeUndefined();

      await harness.knex('promotion_work').update({ due_at: new Date() });
      await harness.work();
      expect(await stateOf()).toMatchObject({ phase: 'completed' });
      expect(await harness.aliasOf('dev')).toBe(1);
    },
  );

  it('ends when somebody merged something else by hand', async () => {
    await harness.register();
    await push(BRANCH, text => text.replace('version: 1', 'version: 2'));
    await harness.clone.mergeByHand({ branch: BRANCH, fastForward: false });
    await harness.work();
    expect(await stateOf()).toMatchObject({
      phase: 'closed',
      reason: expect.stringContaining(
        `merged outside of the portal with other content for ${PATH}`,
      ),
    });
    expect(await harness.deployments.problems()).toMatchObject([
      { path: PATH },
    ]);
  });

  it('says so when it cannot be applied after the merge', async () => {
    await approve();
    const missing = jest
      .spyOn(harness.versions, 'get')
      .mockImplementation(async () => {
        throw new Error('The database does not answer');
      });
    await harness.work();
    const { state, steps } = await harness.store.get(id);
    expect(state.phase).toBe('merging');
    expect(steps.find(step => step.error)).toMatchObject({
      status: 'pending',
      error: 'The database does not answer',
    });
    missing.mockRestore();
    await harness.knex('promotion_work').update({ due_at: new Date() });
    await harness.work();
    expect(await stateOf()).toMatchObject({ phase: 'completed' });
  });
});
