import { registryDatabases } from '../__testUtils__/registryDatabases';
import type { Branch, GitHost } from '../environments/GitHost';
import {
  ada,
  createHarness,
  type Harness,
} from './__testUtils__/createHarness';

jest.setTimeout(180_000);

const databases = registryDatabases();
const signal = new AbortController().signal;
const linus = { name: 'Linus', email: 'linus@example.com' };

class AwayError extends Error {
  readonly isHostAway = true;
}

describe('Trouble with the Git host', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await createHarness(databases);
    await harness.register();
  });
  afterEach(() => harness.stop());

  const promoteTo = async (environment: string) => {
    const { id } = await harness.promotions.promote(
      { model: 'digits', version: 1, environment, reason: 'Try it.' },
      ada,
    );
    return id;
  };

  /** The worker of a backend that finds the Git host so. */
  function workerOn(changes: (host: GitHost) => Partial<GitHost>) {
    const host = harness.localHost;
    const changed = changes(host);
    const { worker } = harness.start({
      gitHost: new Proxy(host, {
        get: (target, name: keyof GitHost) =>
          changed[name] ?? target[name].bind(target),
      }),
    });
    return async () => {
      await harness.knex('promotion_work').update({ due_at: new Date() });
      await worker.runOnce(signal);
    };
  }

  const branchOf = async (id: string) => {
    const { changeRequest } = await harness.store.get(id);
    return changeRequest!.branch;
  };

  it('gives nothing up while it is away, and goes on when it is back', async () => {
    const id = await promoteTo('dev');
    let isAway = true;
    const work = workerOn(host => ({
      async openChangeRequest(options) {
        if (isAway) throw new AwayError('It takes no more requests');
        return host.openChangeRequest(options);
      },
    }));
    for (let attempt = 1; attempt <= 12; attempt++) await work();
    const { state, steps } = await harness.store.get(id);
    expect(state).toEqual({ phase: 'checking' });
    expect(steps[1]).toMatchObject({
      status: 'pending',
      error: 'It takes no more requests',
    });
    const { due_at: dueAt } = await harness
      .knex('promotion_work')
      .first('due_at');
    expect(dueAt.getTime() - Date.now()).toBeGreaterThan(60_000);

    isAway = false;
    await work();
    expect(await harness.phaseOf(id)).toBe('awaiting-review');
  });

  it('looks at no head by what an older one changed', async () => {
    const id = await promoteTo('production');
    await harness.work();
    const { checkedHead } = await harness.store.get(id);
    const branch = await branchOf(id);
    // The copy of the repository has not seen the push that the change request shows.
    let before: Branch | undefined = await harness.localHost.getBranch(branch);
    const work = workerOn(host => ({
      getBranch: async name => before ?? host.getBranch(name),
    }));
    const pushed = await harness.clone.push({
      branch,
      path: 'environments/production/models/other.yaml',
      content: 'Nobody has looked at this.\n',
      author: linus,
    });
    await work();
    const waiting = await harness.store.get(id);
    expect(pushed).not.toBe(checkedHead);
    expect(waiting.state).toEqual({ phase: 'checking' });
    expect(waiting.checkedHead).toBeUndefined();
    expect(
      waiting.steps.find(({ name }) => name === 'verify-artifact-digest'),
    ).toMatchObject({ waitingFor: expect.stringContaining(branch) });

    before = undefined;
    await work();
    expect((await harness.store.get(id)).state).toEqual({
      phase: 'blocked',
      failedGates: ['artifact-digest'],
    });
  });

  it('with one change request keeps no other promotion back', async () => {
    const broken = await promoteTo('dev');
    const fine = await promoteTo('staging');
    await harness.work();
    const { changeRequest } = await harness.store.get(broken);
    let isBroken = true;
    const work = workerOn(host => ({
      async listChangeRequests(query) {
        const page = await host.listChangeRequests(query);
        const items = page.items.filter(
          ({ number }) => !isBroken || number !== changeRequest!.number,
        );
        return { ...page, items };
      },
      async getChangeRequest(number) {
        if (isBroken && number === changeRequest!.number) {
          throw new Error('Such a long story takes too long');
        }
        return host.getChangeRequest(number);
      },
    }));
    for (const id of [broken, fine]) {
      const branch = await branchOf(id);
      await harness.clone.push({
        branch,
        path: 'README.md',
        content: 'Something else.\n',
        author: linus,
      });
    }
    await work();
    expect(await harness.phaseOf(broken)).toBe('awaiting-review');
    expect(await harness.phaseOf(fine)).toBe('blocked');

    isBroken = false;
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 31_000);
    await work();
    jest.restoreAllMocks();
    await work();
    expect(await harness.phaseOf(broken)).toBe('blocked');
  });
});
