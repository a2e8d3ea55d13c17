import { mockCredentials } from '@backstage/backend-test-utils';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { GitCommand } from '../adapters/git/GitCommand';
import {
  ada,
  createHarness,
  grace,
  type Harness,
} from './__testUtils__/createHarness';

jest.setTimeout(180_000);

const databases = registryDatabases();
const PATH = 'environments/production/models/digits.yaml';
const BRANCH = 'promote/digits/v1-production';

describe('Several people at one promotion', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await createHarness(databases);
    await harness.register();
    await harness.register();
  });
  afterEach(() => harness.stop());

  const promote = (version: number, who: typeof ada) =>
    harness.promotions.promote(
      {
        model: 'digits',
        version,
        environment: 'production',
        reason: 'It is ready.',
      },
      who,
    );

  it('who promote at once leave one promotion open, and the others say which', async () => {
    await Promise.all([promote(1, ada), promote(2, grace), promote(1, grace)]);
    await harness.work();
    await harness.work();
    const all = await harness.promotions.list({ model: 'digits' }, ada);
    const open = all.filter(({ state }) => state.phase === 'awaiting-review');
    expect(all).toHaveLength(3);
    expect(open).toHaveLength(1);
    for (const { state } of all.filter(one => one !== open[0])) {
      expect(state).toMatchObject({
        phase: 'closed',
        reason: expect.stringMatching(
          /^Superseded by version [12] \(promotion /,
        ),
      });
    }
    const { items } = await harness.localHost.listChangeRequests({
      state: 'open',
    });
    expect(items.map(({ number }) => number)).toEqual([
      open[0].changeRequest?.number,
    ]);
  });

  it('who approve at once are both heard', async () => {
    const { id } = await promote(1, ada);
    await harness.work();
    const record = await harness.store.get(id);
    await harness.changes.transaction(tx =>
      harness.store.save(tx, { ...record, requiredApprovals: 2 }),
    );
    const alan = { credentials: mockCredentials.user('user:default/alan') };
    await Promise.all(
      [grace, alan].map(who => harness.promotions.approve(id, {}, who)),
    );
    const { reviews, state } = await harness.promotions.get(id, grace);
    expect(reviews.map(({ reviewer }) => reviewer).sort()).toEqual([
      'user:default/alan',
      'user:default/grace',
    ]);
    expect(state.phase).toBe('merging');
  });

  it('who rewrite its branch by force have its gates run again, and take nobody by their word', async () => {
    const { id } = await promote(1, ada);
    await harness.work();
    const record = await harness.store.get(id);
    await harness.changes.transaction(tx =>
      harness.store.save(tx, { ...record, requiredApprovals: 2 }),
    );
    await harness.promotions.approve(id, { comment: 'Fine' }, grace);
    const content = await harness.localHost.readFile({
      path: PATH,
      revision: BRANCH,
    });
    // Another history with another manifest takes the place of the branch.
    const forced = await harness.clone.push({
      branch: 'main',
      onto: 'elsewhere',
      path: PATH,
      content: content!.replace('version: 1', 'version: 2'),
      author: { name: 'hand', email: 'hand@example.com' },
    });
    const git = new GitCommand(harness.directory);
    await git.text({ args: ['update-ref', `refs/heads/${BRANCH}`, forced] });
    await harness.work();
    await harness.work();
    const { state, gates, reviews } = await harness.promotions.get(id, grace);
    expect(reviews).toMatchObject([
      { reviewer: 'user:default/grace', isOutdated: true },
    ]);
    expect(state).toEqual({
      phase: 'blocked',
      failedGates: ['artifact-digest'],
    });
    expect(gates[0].summary).toContain('The branch would deploy version 2');
    expect((await harness.store.get(id)).checkedHead).toBe(forced);
    // Not "You approved it already": what grace approved is gone.
    await expect(harness.promotions.approve(id, {}, grace)).rejects.toThrow(
      'It does not pass its gates (artifact-digest)',
    );
    expect(await harness.aliasOf('production')).toBeUndefined();
  });
});
