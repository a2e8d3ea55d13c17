import { eachChangeRequest } from '../eachChangeRequest';
import {
  CHANGE_REQUESTS_PER_PAGE,
  type Check,
  type GitHost,
  type Person,
} from '../GitHost';

const ada: Person = { name: 'Ada', email: 'ada@example.com' };
const grace: Person = { name: 'Grace', email: 'grace@example.com' };
const PATH = 'environments/production/models/digits.yaml';

/** One Git host under test, with a repository of its own. */
export interface GitHostUnderTest {
  host: GitHost;
  /**
   * Does what a person with a clone does: commits on top of a branch and pushes.
   * With `onto` the commit goes to that branch, starting from `branch`.
   */
  push(options: {
    branch: string;
    onto?: string;
    path: string;
    content: string | Buffer | undefined;
    author: Person;
  }): Promise<string>;
  /** Removes a branch from the repository. */
  removeBranch(branch: string): Promise<void>;
  /** Merges a branch into main in a clone and pushes main. */
  mergeByHand(options: { branch: string; fastForward: boolean }): Promise<void>;
  /** Who merges are made by where the host makes them in its own name. */
  mergesAs?: Person;
}

/** What people do on the pages of a Git host that has accounts and reviews. */
export interface ReviewsOnHost {
  /** Reviews the head as it is now. */
  review(options: {
    number: number;
    account: string;
    verdict: 'approve' | 'request-changes' | 'comment';
    text: string;
  }): Promise<void>;
  /** Takes the account's newest review back. */
  dismiss(options: { number: number; account: string }): Promise<void>;
}

/** What each adapter of {@link GitHost} must do, run against the real thing. */
export function gitHostConformance(
  create: () => Promise<GitHostUnderTest>,
): void {
  let host: GitHost;
  let underTest: GitHostUnderTest;

  beforeEach(async () => {
    underTest = await create();
    host = underTest.host;
  });

  const ensure = (branch: string, content: string | undefined, path = PATH) =>
    host.ensureBranch({
      branch,
      changes: [{ path, content }],
      message: `Set ${path}\n`,
      author: ada,
    });

  const open = async (branch: string, content: string | undefined) => {
    await ensure(branch, content);
    return host.openChangeRequest({
      branch,
      title: `Change ${branch}`,
      body: 'why',
      author: ada,
    });
  };

  const merge = (number: number, expectedHead: string) =>
    host.mergeChangeRequest(number, {
      expectedHead,
      message: 'Merge it\n',
      author: grace,
    });

  const mergeNew = async (branch: string, content: string | undefined) => {
    const request = await open(branch, content);
    const result = await merge(request.number, request.head);
    if (result.outcome !== 'merged') throw new Error(result.outcome);
    return { request, commit: result.commit };
  };

  const onMain = async (path = PATH) =>
    host.readFile({ path, revision: await host.mainRevision() });

  it('reads files at a revision, and lists folders', async () => {
    const before = await host.mainRevision();
    await mergeNew('one', 'version: 1\n');
    await mergeNew('two', 'version: 2 # ümlaut\n');

    expect(await onMain()).toBe('version: 2 # ümlaut\n');
    expect(
      await host.readFile({ path: PATH, revision: before }),
    ).toBeUndefined();
    const revision = await host.mainRevision();
    const list = (folder: string, maxFileBytes = 1_000) =>
      host.listFiles({ folder, revision, maxFileBytes });
    const sizeBytes = Buffer.byteLength('version: 2 # ümlaut\n');
    expect(await list('environments/production')).toContainEqual({
      path: PATH,
      sizeBytes,
      content: 'version: 2 # ümlaut\n',
    });
    expect(await list('environments/production', sizeBytes - 1)).toContainEqual(
      { path: PATH, sizeBytes, content: undefined },
    );
    expect(await list('environments/nowhere')).toEqual([]);
  });

  it('tells which files differ, and whose branch a change request is', async () => {
    const before = await host.mainRevision();
    await ensure('promote/digits/v7', 'version: 7\n');
    await ensure('promote/digits/v8', 'version: 8\n');
    for (const branch of ['promote/digits/v7', 'promote/digits/v8']) {
      await host.openChangeRequest({
        branch,
        title: branch,
        body: '',
        author: ada,
      });
    }
    expect(
      await host.listChangeRequests({
        state: 'open',
        branch: 'promote/digits/v7',
      }),
    ).toMatchObject({ items: [{ title: 'promote/digits/v7' }] });
    const { commit } = await mergeNew('seven', 'version: 7\n');
    expect(await host.changedPaths({ from: before, to: commit })).toEqual([
      PATH,
    ]);
    expect(await host.changedPaths({ from: commit, to: commit })).toEqual([]);
  });

  it('knows what a revision has in its past', async () => {
    const before = await host.mainRevision();
    const { commit } = await mergeNew('one', 'version: 1\n');
    const descends = (revision: string, ancestor: string) =>
      host.descendsFrom({ revision, ancestor });
    expect(await descends(commit, before)).toBe(true);
    expect(await descends(commit, commit)).toBe(true);
    expect(await descends(before, commit)).toBe(false);
    expect(await descends(commit, '0123456789'.repeat(4))).toBe(false);
    expect(
      await host.lastChange({ path: '.', revision: commit }),
    ).toMatchObject({ revision: commit });
  });

  it('makes a branch with one commit, however often it is asked', async () => {
    const first = await ensure('promote/digits/v2', 'version: 2\n');
    const again = await ensure('promote/digits/v2', 'version: 2\n');
    expect(again).toEqual(first);
    expect(first).toMatchObject({
      contributors: [ada],
      changedPaths: [PATH],
      conflicts: [],
    });
    expect(await onMain()).toBeUndefined();

    const changed = await ensure('promote/digits/v2', 'version: 3\n');
    expect(changed.head).not.toBe(first.head);
    expect(await host.getBranch('promote/digits/v2')).toEqual(changed);
    expect(await host.getBranch('promote/digits')).toBeUndefined();
  });

  it('removes a file', async () => {
    await mergeNew('add', 'version: 1\n');
    await mergeNew('remove', undefined);
    expect(await onMain()).toBeUndefined();
    const commit = await host.lastChange({
      path: PATH,
      revision: await host.mainRevision(),
    });
    expect(commit?.revision).toBe(await host.mainRevision());
  });

  it('starts a branch over at main, also twice', async () => {
    await ensure('change', 'version: 2\n');
    await mergeNew('other', 'version: 1\n');
    const stale = await host.getBranch('change');
    expect(stale?.conflicts).toEqual([PATH]);

    const startOver = () =>
      host.ensureBranch({
        branch: 'change',
        changes: [{ path: PATH, content: 'version: 2\n' }],
        message: 'Again\n',
        author: ada,
        startOver: true,
      });
    const fresh = await startOver();
    expect(fresh.conflicts).toEqual([]);
    expect((await startOver()).head).toBe(fresh.head);
  });

  it('opens a change request, and adopts the open one of the branch', async () => {
    const request = await open('change', 'version: 1\n');
    expect(request).toMatchObject({
      title: 'Change change',
      body: 'why',
      branch: 'change',
      state: 'open',
      approvals: [],
      objections: [],
      comments: [],
      checks: [],
      deployments: [],
    });
    const adopted = await open('change', 'version: 1\n');
    expect(adopted.number).toBe(request.number);
    expect(await host.listChangeRequests({ state: 'open' })).toEqual({
      items: [request],
    });
    await expect(host.getChangeRequest(4711)).rejects.toThrow(
      'There is no change request 4711',
    );
  });

  it('lists change requests by pages, newest first, and misses none that was there', async () => {
    const { request: merged } = await mergeNew('merged', 'version: 1\n');
    const branches = ['a', 'b', 'c', 'd'];
    for (const branch of branches) await open(branch, `version: ${branch}\n`);

    const first = await host.listChangeRequests({ state: 'open', limit: 2 });
    expect(first.items.map(({ branch }) => branch)).toEqual(['d', 'c']);
    // What is new, or gone, between two pages moves none from one to the other.
    await open('e', 'version: e\n');
    await host.closeChangeRequest(first.items[0].number, {
      author: ada,
      reason: 'no',
    });
    const second = await host.listChangeRequests({
      state: 'open',
      limit: 2,
      cursor: first.nextCursor,
    });
    expect(second.items.map(({ branch }) => branch)).toEqual(['b', 'a']);
    expect(second.nextCursor).toBeUndefined();

    const all: string[] = [];
    for await (const { branch } of eachChangeRequest(host, { limit: 2 }))
      all.push(branch);
    expect(all).toEqual(['e', 'd', 'c', 'b', 'a', merged.branch]);
  });

  it('refuses other sizes of pages, and a cursor of somebody else', async () => {
    for (const limit of [0, -1, 1.5, CHANGE_REQUESTS_PER_PAGE + 1]) {
      await expect(host.listChangeRequests({ limit })).rejects.toThrow(
        `limit ${limit} is not a whole number from 1 to`,
      );
    }
    await expect(
      host.listChangeRequests({ cursor: 'elsewhere' }),
    ).rejects.toThrow('cursor');
  });

  it('refuses a change request that changes nothing', async () => {
    await mergeNew('first', 'version: 1\n');
    await expect(open('same', 'version: 1\n')).rejects.toThrow(
      "Branch 'same' changes nothing",
    );
    await expect(
      host.openChangeRequest({
        branch: 'missing',
        title: '',
        body: '',
        author: ada,
      }),
    ).rejects.toThrow("There is no branch 'missing'");
  });

  it('shows the diff, also after the merge', async () => {
    const { request } = await mergeNew('change', 'version: 1\n');
    await mergeNew('next', 'version: 2\n');
    const diff = await host.diffOfChangeRequest(request.number);
    expect(diff).toContain(`+++ b/${PATH}`);
    expect(diff).toContain('+version: 1');
    expect(diff).not.toContain('version: 2');
  });

  it('edits, comments and approves', async () => {
    const { number, head } = await open('change', 'version: 1\n');
    await host.updateChangeRequest(number, { body: 'evidence' });
    await host.commentOnChangeRequest(number, { author: grace, text: 'Good' });
    await host.approveChangeRequest(number, { author: grace, head });
    await host.approveChangeRequest(number, { author: grace, head });
    expect(await host.getChangeRequest(number)).toMatchObject({
      title: 'Change change',
      body: 'evidence',
      approvals: [{ author: grace, head }],
      comments: [{ author: grace, text: 'Good', at: expect.any(String) }],
    });
  });

  it('gives it the labels that it lacks, and keeps the others', async () => {
    const { number } = await open('change', 'version: 1\n');
    const labelsOf = async () => (await host.getChangeRequest(number)).labels;
    expect(await labelsOf()).toEqual([]);
    const labels = ['promotion', 'environment: production'];
    await host.updateChangeRequest(number, { labels });
    await host.updateChangeRequest(number, { labels });
    await host.updateChangeRequest(number, {
      labels: ['promotion', 'model: digits'],
      title: 'Promote it',
    });
    expect((await labelsOf()).sort()).toEqual([
      'environment: production',
      'model: digits',
      'promotion',
    ]);
    expect(await host.getChangeRequest(number)).toMatchObject({
      title: 'Promote it',
      body: 'why',
    });
    const { items } = await host.listChangeRequests({ state: 'open' });
    expect(items[0].labels).toHaveLength(3);
  });

  it('tells how checks stand, and replaces one that is told again', async () => {
    const { number, head } = await open('change', 'version: 1\n');
    const check = (name: string, state: Check['state']): Check => ({
      name,
      title: `It is ${state}`,
      state,
      summary: `**${state}**`,
      url: 'https://portal.example.com/promotions/1',
      annotations: [
        { path: PATH, line: 1, level: 'failure', message: 'Not this one' },
      ],
    });
    const checksOf = async () => {
      const { checks } = await host.getChangeRequest(number);
      return checks.sort((a, b) => a.name.localeCompare(b.name));
    };
    const states: Check['state'][] = ['failed', 'neutral', 'waiting', 'passed'];
    for (const state of ['running', ...states] as const) {
      const checks = [check('Gates', state), check('Gates / digest', 'passed')];
      await host.publishChecks(number, { head, checks });
      await host.publishChecks(number, { head, checks });
      expect(await checksOf()).toEqual([
        { name: 'Gates', state, title: `It is ${state}` },
        { name: 'Gates / digest', state: 'passed', title: 'It is passed' },
      ]);
    }
    await host.publishChecks(number, {
      head,
      checks: [check('More', 'failed')],
    });
    expect(await checksOf()).toHaveLength(3);

    // What was found out about one revision says nothing about the next.
    await underTest.push({
      branch: 'change',
      path: PATH,
      content: 'version: 2\n',
      author: grace,
    });
    expect(await checksOf()).toEqual([]);
    await host.publishChecks(number, {
      head,
      checks: [check('Old', 'failed')],
    });
    expect(await checksOf()).toEqual([]);
  });

  it('tells how far a change is in each environment', async () => {
    const { request } = await mergeNew('change', 'version: 1\n');
    const { number } = request;
    const report = (
      environment: string,
      state: 'running' | 'succeeded' | 'failed',
      description: string,
    ) =>
      host.reportDeployment(number, {
        environment,
        state,
        description,
        url: `https://portal.example.com/${environment}`,
      });
    await report('production', 'running', '10 %');
    await report('production', 'running', '10 %');
    await report('staging', 'failed', 'It was held');
    await report('production', 'succeeded', 'Everywhere');
    const { deployments } = await host.getChangeRequest(number);
    expect(
      deployments.sort((a, b) => a.environment.localeCompare(b.environment)),
    ).toEqual([
      {
        environment: 'production',
        state: 'succeeded',
        description: 'Everywhere',
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      },
      {
        environment: 'staging',
        state: 'failed',
        description: 'It was held',
        at: expect.any(String),
      },
    ]);
  });

  it('calls who watches it, until they have enough', async () => {
    const calls: string[] = [];
    const stopOne = host.watch(() => calls.push('one'));
    const stopTwo = host.watch(() => calls.push('two'));
    const { number } = await open('change', 'version: 1\n');
    expect(new Set(calls)).toEqual(new Set(['one', 'two']));
    stopOne();
    calls.length = 0;
    await host.commentOnChangeRequest(number, { author: ada, text: 'Hm' });
    expect(new Set(calls)).toEqual(new Set(['two']));
    stopTwo();
    stopTwo();
    calls.length = 0;
    await host.commentOnChangeRequest(number, { author: ada, text: 'Hm' });
    expect(calls).toEqual([]);
  });

  it('says what it is', () => {
    const { title, problems } = host.describe();
    expect(title).toMatch(/^Git/);
    expect(problems).toEqual([]);
  });

  it('merges once: the same commit when it is asked again', async () => {
    const { request, commit } = await mergeNew('change', 'version: 1\n');
    expect(await onMain()).toBe('version: 1\n');
    expect(await host.mainRevision()).toBe(commit);
    expect(await merge(request.number, request.head)).toEqual({
      outcome: 'merged',
      commit,
    });
    expect(await host.mainRevision()).toBe(commit);
    expect(await host.getChangeRequest(request.number)).toMatchObject({
      state: 'merged',
      mergeCommit: commit,
    });
    expect(await host.getBranch('change')).toBeUndefined();
    expect(
      await host.lastChange({ path: PATH, revision: commit }),
    ).toMatchObject({
      revision: commit,
      author: underTest.mergesAs ?? grace,
      subject: 'Merge it',
    });
    expect(await host.changeRequestMergedBy(commit)).toBe(request.number);
    expect(await host.changeRequestMergedBy(request.head)).toBeUndefined();
  });

  it('uses a branch name again after its merge', async () => {
    await mergeNew('change', 'version: 2\n');
    await mergeNew('back', 'version: 1\n');
    const { request } = await mergeNew('change', 'version: 2\n');
    expect(await onMain()).toBe('version: 2\n');
    const { items } = await host.listChangeRequests({ state: 'merged' });
    expect(items).toHaveLength(3);
    expect(request.number).toBe(3);
  });

  it('merges next to changes of other files', async () => {
    const request = await open('change', 'version: 1\n');
    await underTest.push({
      branch: 'main',
      path: 'environments/production/models/other.yaml',
      content: 'version: 7\n',
      author: ada,
    });
    expect(await merge(request.number, request.head)).toMatchObject({
      outcome: 'merged',
    });
    expect(await onMain()).toBe('version: 1\n');
    expect(await onMain('environments/production/models/other.yaml')).toBe(
      'version: 7\n',
    );
    const diff = await host.diffOfChangeRequest(request.number);
    expect(diff).toContain('+version: 1');
    expect(diff).not.toContain('version: 7');
  });

  it('refuses to merge when main has other content for the file', async () => {
    await mergeNew('first', 'a: 1\n\n\n\n\nb: 1\n');
    const request = await open('change', 'a: 2\n\n\n\n\nb: 1\n');
    await underTest.push({
      branch: 'main',
      path: PATH,
      content: 'a: 1\n\n\n\n\nb: 2\n',
      author: ada,
    });
    expect(await merge(request.number, request.head)).toEqual({
      outcome: 'conflict',
      paths: [PATH],
    });
    expect(await onMain()).toBe('a: 1\n\n\n\n\nb: 2\n');
  });

  it('refuses to merge another revision than the expected one', async () => {
    const request = await open('change', 'version: 1\n');
    const head = await underTest.push({
      branch: 'change',
      path: PATH,
      content: 'version: 99\n',
      author: grace,
    });
    expect(await merge(request.number, request.head)).toEqual({
      outcome: 'head-moved',
      head,
    });
    expect((await host.getChangeRequest(request.number)).head).toBe(head);
    const branch = await host.getBranch('change');
    expect(branch?.contributors).toEqual(expect.arrayContaining([ada, grace]));
    expect(await onMain()).toBeUndefined();
  });

  it('closes once, and frees the branch name', async () => {
    const request = await open('change', 'version: 1\n');
    for (const reason of ['not now', 'really']) {
      await host.closeChangeRequest(request.number, { author: grace, reason });
    }
    const closed = await host.getChangeRequest(request.number);
    expect(closed.state).toBe('closed');
    expect(closed.comments.map(c => c.text)).toEqual(['not now']);
    expect(await host.getBranch('change')).toBeUndefined();
    expect(await merge(request.number, request.head)).toEqual({
      outcome: 'closed',
    });
    expect(await host.diffOfChangeRequest(request.number)).toContain(
      '+version: 1',
    );
    const next = await open('change', 'version: 1\n');
    expect(next.number).not.toBe(request.number);
  });

  it.each([true, false])(
    'sees a merge that was made by hand (fast-forward: %s)',
    async fastForward => {
      const request = await open('change', 'version: 1\n');
      if (!fastForward) {
        await underTest.push({
          branch: 'main',
          path: 'notes.md',
          content: 'meanwhile\n',
          author: ada,
        });
      }
      await underTest.mergeByHand({ branch: 'change', fastForward });
      const revision = await host.mainRevision();
      await underTest.push({
        branch: 'main',
        path: 'notes.md',
        content: 'later\n',
        author: ada,
      });
      expect(await host.changeRequestMergedBy(revision)).toBe(request.number);
      expect(await host.getChangeRequest(request.number)).toMatchObject({
        state: 'merged',
        mergeCommit: revision,
      });
      expect(await merge(request.number, request.head)).toEqual({
        outcome: 'merged',
        commit: revision,
      });
      expect(
        await host.lastChange({
          path: PATH,
          revision: await host.mainRevision(),
        }),
      ).toMatchObject({ revision });
    },
  );

  it('takes a change request for closed when its branch is gone', async () => {
    const request = await open('change', 'version: 1\n');
    await underTest.removeBranch('change');
    expect(await host.getChangeRequest(request.number)).toMatchObject({
      state: 'closed',
      head: request.head,
    });
    expect(await host.diffOfChangeRequest(request.number)).toContain(
      '+version: 1',
    );
  });

  it('does not take a direct push for a change request', async () => {
    await open('change', 'version: 1\n');
    const commit = await underTest.push({
      branch: 'main',
      path: PATH,
      content: 'version: 1\n',
      author: grace,
    });
    expect(await host.changeRequestMergedBy(commit)).toBeUndefined();
    expect(
      await host.lastChange({ path: PATH, revision: commit }),
    ).toMatchObject({ revision: commit, author: grace });
  });

  it('tells by its token that something changed', async () => {
    const tokens = new Set([await host.changeToken()]);
    const { number } = await open('change', 'version: 1\n');
    tokens.add(await host.changeToken());
    await host.commentOnChangeRequest(number, { author: ada, text: 'Hm' });
    tokens.add(await host.changeToken());
    await underTest.push({
      branch: 'main',
      path: 'notes.md',
      content: 'x\n',
      author: ada,
    });
    const last = await host.changeToken();
    expect(await host.changeToken()).toBe(last);
    expect(tokens.add(last).size).toBe(4);
  });

  it('lets one of many simultaneous writers through at a time', async () => {
    const requests = await Promise.all(
      [1, 2, 3].map(async n => {
        const branch = `change-${n}`;
        await ensure(branch, `version: ${n}\n`, `models/m${n}.yaml`);
        return host.openChangeRequest({
          branch,
          title: branch,
          body: '',
          author: ada,
        });
      }),
    );
    const results = await Promise.all(
      requests.flatMap(({ number, head }) => [
        merge(number, head),
        merge(number, head),
      ]),
    );
    expect(results.map(r => r.outcome)).toEqual(Array(6).fill('merged'));
    for (const n of [1, 2, 3]) {
      expect(await onMain(`models/m${n}.yaml`)).toBe(`version: ${n}\n`);
    }
  });
}

/** What an adapter must do besides, whose Git host has accounts and reviews of its own. */
export function gitHostReviewConformance(
  create: () => Promise<GitHostUnderTest & { people: ReviewsOnHost }>,
): void {
  let host: GitHost;
  let people: ReviewsOnHost;
  let push: GitHostUnderTest['push'];
  let number: number;
  let head: string;

  beforeEach(async () => {
    ({ host, people, push } = await create());
    await host.ensureBranch({
      branch: 'change',
      changes: [{ path: PATH, content: 'version: 1\n' }],
      message: 'Change it\n',
      author: ada,
    });
    ({ number, head } = await host.openChangeRequest({
      branch: 'change',
      title: 'Change it',
      body: '',
      author: ada,
    }));
  });

  const look = () => host.getChangeRequest(number);

  it('counts an approval that is given there, for the revision that it was given to', async () => {
    await people.review({
      number,
      account: 'octocat',
      verdict: 'approve',
      text: 'Good',
    });
    const approval = {
      author: expect.objectContaining({ account: 'octocat' }),
      head,
    };
    expect((await look()).approvals).toEqual([approval]);
    await host.approveChangeRequest(number, { author: grace, head });
    expect((await look()).approvals).toHaveLength(2);
    await push({
      branch: 'change',
      path: PATH,
      content: 'version: 2\n',
      author: grace,
    });
    expect((await look()).approvals).toEqual(
      expect.arrayContaining([approval, { author: grace, head }]),
    );
  });

  it('shows who asks for changes, until they take it back', async () => {
    const review = (verdict: 'approve' | 'request-changes' | 'comment') =>
      people.review({ number, account: 'octocat', verdict, text: verdict });
    await review('approve');
    await review('request-changes');
    expect(await look()).toMatchObject({
      approvals: [],
      objections: [
        {
          author: { account: 'octocat' },
          text: 'request-changes',
          at: expect.any(String),
        },
      ],
    });
    // Somebody who only says something has not changed their mind.
    await review('comment');
    expect((await look()).objections).toHaveLength(1);
    await review('approve');
    expect(await look()).toMatchObject({
      approvals: [{ author: { account: 'octocat' }, head }],
      objections: [],
    });
  });

  it('does not count what was taken back', async () => {
    await people.review({
      number,
      account: 'octocat',
      verdict: 'approve',
      text: '',
    });
    await people.review({
      number,
      account: 'hubot',
      verdict: 'request-changes',
      text: 'No',
    });
    await people.dismiss({ number, account: 'octocat' });
    await people.dismiss({ number, account: 'hubot' });
    expect(await look()).toMatchObject({ approvals: [], objections: [] });
  });
}
