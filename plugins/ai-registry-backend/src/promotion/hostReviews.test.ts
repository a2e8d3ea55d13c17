import { registryDatabases } from '../__testUtils__/registryDatabases';
import type { ChangeRequest, GitHost } from '../environments/GitHost';
import {
  ada,
  createHarness,
  grace,
  type Harness,
} from './__testUtils__/createHarness';

jest.setTimeout(180_000);

const databases = registryDatabases();
const GRACE = 'user:default/grace';
const VISION = 'group:default/vision-team';

/** A Git host on which people review as well. */
class ReviewedHost {
  said: Partial<Pick<ChangeRequest, 'approvals' | 'objections'>> = {};
  isDown = false;
  /** Names of the checks of each call. */
  readonly calls: string[][] = [];
  #token = 0;

  say(said: ReviewedHost['said']) {
    this.said = { ...this.said, ...said };
    this.#token++;
  }

  around(host: GitHost): GitHost {
    const add = (request: ChangeRequest) => ({
      ...request,
      approvals: [...request.approvals, ...(this.said.approvals ?? [])],
      objections: this.said.objections ?? [],
    });
    return new Proxy(host, {
      get: (target, name: keyof GitHost) => {
        switch (name) {
          case 'changeToken':
            return async () => `${await target.changeToken()} ${this.#token}`;
          case 'getChangeRequest':
            return async (number: number) =>
              add(await target.getChangeRequest(number));
          case 'listChangeRequests':
            return async (query: object) => {
              const page = await target.listChangeRequests(query);
              return { ...page, items: page.items.map(add) };
            };
          case 'publishChecks':
            return async (...args: Parameters<GitHost['publishChecks']>) => {
              if (this.isDown) throw new Error('502');
              this.calls.push(args[1].checks.map(check => check.name));
              return target.publishChecks(...args);
            };
          default:
            return target[name].bind(target);
        }
      },
    });
  }
}

describe('Reviews and checks on the Git host', () => {
  let harness: Harness;
  let reviewed: ReviewedHost;
  let started: ReturnType<Harness['start']>;
  let id: string;
  let head: string;

  const work = async () => {
    await started.reconciler.reconcile();
    await started.worker.runOnce(new AbortController().signal);
  };

  beforeEach(async () => {
    harness = await createHarness(databases);
    harness.world.groupsOf[GRACE] = [VISION];
    reviewed = new ReviewedHost();
    started = harness.start({ gitHost: reviewed.around(harness.localHost) });
    await harness.register();
    ({ id } = await started.promotions.promote(
      {
        model: 'digits',
        version: 1,
        environment: 'production',
        reason: 'It is ready.',
      },
      ada,
    ));
    await work();
    head = (await harness.store.get(id)).checkedHead!;
  });
  afterEach(() => harness.stop());

  const get = () => started.promotions.get(id, grace);
  const person = (name: string) => ({
    name,
    email: `${name}@example.com`,
    account: name,
  });
  const requestOf = async () => {
    const { changeRequest } = await get();
    return harness.localHost.getChangeRequest(changeRequest!.number);
  };

  it('count for the user whose account it is, as a reviewer', async () => {
    reviewed.say({ approvals: [{ author: person('grace'), head }] });
    await work();
    const { state, reviews } = await get();
    expect(state.phase).toBe('completed');
    expect(reviews).toMatchObject([
      { reviewer: GRACE, verdict: 'approved', via: 'git-host' },
    ]);
    const entries = await harness
      .knex('audit_entries')
      .where({ action: 'promotion-approved-on-git-host' });
    expect(entries).toMatchObject([
      { subject: id, after: { reviews: [GRACE] } },
    ]);
  });

  it('count for nobody where nobody has the account, or has no say, and are shown', async () => {
    reviewed.say({ approvals: [{ author: person('stranger'), head }] });
    await work();
    expect(await get()).toMatchObject({
      state: { phase: 'awaiting-review' },
      reviews: [],
      uncounted: [
        '@stranger approved it, whom the catalog does not know: that counts for nobody.',
      ],
    });
    harness.world.groupsOf[GRACE] = [];
    reviewed.say({ approvals: [{ author: person('grace'), head }] });
    await work();
    expect(await get()).toMatchObject({
      reviews: [],
      uncounted: [
        expect.stringContaining(`${GRACE} approved it, which does not`),
      ],
    });
  });

  it('count only for the revision that was looked at, and not once they are withdrawn', async () => {
    reviewed.say({
      approvals: [{ author: person('grace'), head: 'b'.repeat(40) }],
    });
    await work();
    expect((await get()).reviews).toEqual([]);
    const record = await harness.store.get(id);
    await harness.changes.transaction(tx =>
      harness.store.save(tx, { ...record, requiredApprovals: 2 }),
    );
    reviewed.say({ approvals: [{ author: person('grace'), head }] });
    await work();
    expect((await get()).reviews).toHaveLength(1);
    reviewed.say({ approvals: [] });
    await work();
    const { reviews, state } = await get();
    expect(reviews).toEqual([]);
    expect(state.phase).toBe('awaiting-review');
  });

  it('hold the merge while somebody of the catalog asks for changes', async () => {
    const objection = (name: string) => ({
      author: person(name),
      text: 'Not like this.',
      at: '2026-05-03T12:00:00.000Z',
    });
    reviewed.say({ objections: [objection('stranger'), objection('grace')] });
    await work();
    expect((await get()).objections).toEqual([
      expect.objectContaining({ by: '@stranger', isKnown: false }),
      expect.objectContaining({ by: GRACE, isKnown: true }),
    ]);
    await started.promotions.approve(id, {}, grace);
    await work();
    expect((await get()).state.phase).toBe('awaiting-review');
    reviewed.say({ objections: [objection('stranger')] });
    await work();
    await work();
    expect((await get()).state.phase).toBe('completed');
  });

  it('are told how the gates stand, each time that it changes, and only then', async () => {
    const { checks } = await requestOf();
    expect(checks.map(({ name, state }) => [name, state])).toEqual(
      expect.arrayContaining([
        ['Greenroom', 'waiting'],
        ['Greenroom / artifact-digest', 'passed'],
        ['Greenroom / evaluation', 'passed'],
      ]),
    );
    const before = reviewed.calls.length;
    await work();
    await work();
    expect(reviewed.calls).toHaveLength(before);
    await started.promotions.approve(id, {}, grace);
    await work();
    expect(reviewed.calls.slice(before).flat()).toEqual(
      expect.arrayContaining(['Greenroom']),
    );
    expect(reviewed.calls.slice(before).flat()).not.toContain(
      'Greenroom / evaluation',
    );
    expect((await requestOf()).checks[0]).toMatchObject({ state: 'passed' });
  });

  it('hold nothing up when they cannot be told', async () => {
    reviewed.isDown = true;
    await started.promotions.approve(id, {}, grace);
    await work();
    expect((await get()).state.phase).toBe('completed');
    expect(harness.logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('could not be told how promotion'),
      expect.anything(),
    );
  });
});
