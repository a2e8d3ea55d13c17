import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  gitHostConformance,
  gitHostReviewConformance,
} from '../../environments/testing/gitHostConformance';
import { createClone } from '../git/__testUtils__/createClone';
import {
  createGitHub,
  type GitHubUnderTest,
} from './__testUtils__/createGitHub';

jest.setTimeout(120_000);

describe('GitHubHost', () => {
  let underTest: GitHubUnderTest;

  async function create() {
    underTest = await createGitHub();
    const { host, clone, github } = underTest;
    const { people } = github;
    const bot = github.state.accounts.get('greenroom-test[bot]')!;
    return {
      host,
      ...clone,
      mergesAs: { name: bot.login, email: bot.email },
      people: {
        review: async (review: Parameters<typeof people.review>[0]) =>
          people.review(review),
        dismiss: async (review: Parameters<typeof people.dismiss>[0]) =>
          people.dismiss(review),
      },
    };
  }

  afterEach(() => underTest.stop());

  describe('as a Git host', () => {
    gitHostConformance(create);
  });

  describe('as a Git host with reviews of its own', () => {
    gitHostReviewConformance(create);
  });

  describe('as GitHub', () => {
    const run = promisify(execFile);
    const ada = { name: 'Ada', email: 'ada@example.com' };
    const grace = {
      name: 'Grace',
      email: 'user+default+grace@users.greenroom.invalid',
    };
    const PATH = 'environments/production/models/digits.yaml';

    async function start(options: Parameters<typeof createGitHub>[0] = {}) {
      underTest = await createGitHub(options);
      const { host, github } = underTest;
      const open = async (branch: string, content: string) => {
        await host.ensureBranch({
          branch,
          changes: [{ path: PATH, content }],
          message: `Set ${PATH}\n`,
          author: ada,
        });
        return host.openChangeRequest({
          branch,
          title: `Change ${branch}`,
          body: 'why',
          author: grace,
        });
      };
      const merge = ({ number, head }: { number: number; head: string }) =>
        host.mergeChangeRequest(number, {
          expectedHead: head,
          message: 'Merge it\n\nApproved-by: user:default/grace\n',
          author: grace,
        });
      return { ...underTest, people: github.people, open, merge };
    }

    const ruleset = (rules: { type: string; parameters?: object }[]) => ({
      id: 1,
      name: 'Main',
      target: 'branch' as const,
      enforcement: 'active' as const,
      conditions: { ref_name: { include: ['refs/heads/main'] } },
      rules: rules as { type: string; parameters?: Record<string, unknown> }[],
    });

    it('says why the rules of main do not let it be merged, and merges when they do', async () => {
      const { host, github, people, open, merge } = await start();
      github.state.rulesets.push(
        ruleset([
          {
            type: 'pull_request',
            parameters: { required_approving_review_count: 1 },
          },
        ]),
      );
      const request = await open('change', 'version: 1\n');
      expect(await merge(request)).toEqual({
        outcome: 'refused',
        reason:
          'GitHub does not let it be merged yet: Repository rule violations found At least 1 approving review is required by reviewers with write access.',
      });
      people.review({
        number: request.number,
        account: 'octocat',
        verdict: 'approve',
      });
      expect(await merge(request)).toMatchObject({ outcome: 'merged' });
      expect(await host.getBranch('change')).toBeUndefined();
    });

    it('makes main require its check, once, and merges only after it has passed', async () => {
      const { host, github, open, merge } = await start({
        settings: { requireChecks: true },
      });
      await host.ensureRules();
      await host.ensureRules();
      expect(github.state.rulesets).toMatchObject([
        {
          name: 'Greenroom',
          enforcement: 'active',
          rules: [
            {
              type: 'required_status_checks',
              parameters: {
                required_status_checks: [
                  { context: 'Greenroom', integration_id: 4711 },
                ],
              },
            },
          ],
        },
      ]);
      expect(host.describe().problems).toEqual([]);
      const request = await open('change', 'version: 1\n');
      const { number, head } = request;
      expect(await merge(request)).toMatchObject({ outcome: 'refused' });
      const check = {
        name: 'Greenroom',
        title: 'All is well',
        state: 'passed' as const,
        summary: '',
        annotations: [],
      };
      await host.publishChecks(number, { head, checks: [check] });
      expect(await merge(request)).toMatchObject({ outcome: 'merged' });

      github.state.rulesets[0].enforcement = 'disabled';
      await host.ensureRules();
      expect(host.describe().problems).toEqual([
        {
          kind: 'setup',
          text: expect.stringContaining(
            "The ruleset 'Greenroom' of the repository is disabled",
          ),
        },
      ]);
    });

    it('says what it was not allowed to set up', async () => {
      const { host, github } = await start({
        settings: { requireChecks: true, webhookSecret: undefined },
      });
      delete github.state.app.permissions.administration;
      await host.ensureRules();
      expect(host.describe()).toMatchObject({
        title: 'GitHub',
        url: github.repositoryUrl,
        cloneUrl: `${github.repositoryUrl}.git`,
        problems: [
          {
            kind: 'setup',
            text: expect.stringContaining('"Administration: write"'),
          },
          {
            kind: 'setup',
            text: expect.stringContaining(
              'aiRegistry.environments.github.webhookSecret',
            ),
          },
        ],
      });
    });

    it('waits in the merge queue, and sees that it was merged from there', async () => {
      const { host, github, open, merge } = await start();
      github.state.rulesets.push(ruleset([{ type: 'merge_queue' }]));
      const request = await open('change', 'version: 1\n');
      for (let time = 0; time < 2; time++) {
        expect(await merge(request)).toEqual({
          outcome: 'queued',
          reason: "It is number 1 in GitHub's merge queue.",
        });
      }
      await github.pulls.processQueue();
      const main = await github.git.branch('main');
      expect(await merge(request)).toEqual({ outcome: 'merged', commit: main });
      expect(await host.mainRevision()).toBe(main);
      expect(await github.git.branch('change')).toBeUndefined();
    });

    it('tells the merge queue what it requires of the commits that it tries', async () => {
      const { host, github, open } = await start();
      const { number, head } = await open('change', 'version: 1\n');
      const main = (await github.git.branch('main'))!;
      const group = `refs/heads/gh-readonly-queue/main/pr-${number}-${main}`;
      const tryIt = async (before: string) => {
        const commit = await github.git.commit({
          tree:
            (await github.git.mergeTrees(before, head)) ??
            (
              await github.git.details(head)
            ).tree,
          parents: [before, head],
          message: 'Try it\n',
          author: ada,
        });
        await github.git.setRef(group, commit);
        await host.refresh();
        const told = github.state.checkRuns.findLast(
          one => one.head === commit && one.name === 'Greenroom',
        );
        return told?.conclusion;
      };
      expect(await tryIt(main)).toBeUndefined();
      const check = {
        name: 'Greenroom',
        title: 'All is well',
        state: 'passed' as const,
        summary: '',
        annotations: [],
      };
      await host.publishChecks(number, { head, checks: [check] });
      await host.refresh();
      expect(
        github.state.checkRuns.filter(one => one.conclusion === 'success'),
      ).toHaveLength(2);
      const other = await underTest.clone.push({
        branch: 'main',
        onto: 'other',
        path: PATH,
        content: 'version: 2\n',
        author: ada,
      });
      // Half of one and half of the other is nothing that anybody has looked at.
      expect(await tryIt(other)).toBe('failure');
    });

    it('tries again when main was modified at that moment', async () => {
      const { github, open, merge } = await start();
      const request = await open('change', 'version: 1\n');
      github.faults.inject({
        fault: {
          kind: 'refuse',
          status: 405,
          message: 'Base branch was modified. Review and try the merge again.',
        },
        times: 2,
        method: 'PUT',
      });
      expect(await merge(request)).toMatchObject({ outcome: 'merged' });
    });

    it('removes the branch of what it merged also where GitHub is busy with its refs', async () => {
      const { github, open, merge } = await start();
      const request = await open('change', 'version: 1\n');
      const before = await github.git.branch('main');
      const lock = path.join(github.git.directory, 'packed-refs.lock');
      const merged = merge(request);
      while ((await github.git.branch('main')) === before) await sleep(5);
      await writeFile(lock, '');
      // Git waits for a second only.
      const freed = sleep(2_500).then(() => rm(lock));
      expect(await merged).toMatchObject({ outcome: 'merged' });
      await freed;
      expect(await github.git.branch('change')).toBeUndefined();
    });

    it('leaves the branch of a closed one to the next that has it', async () => {
      const { host, github, people, open } = await start();
      const first = await open('change', 'version: 1\n');
      people.close(first.number);
      await host.refresh();
      const next = await open('change', 'version: 1\n');
      expect(next).toMatchObject({ head: first.head });
      const closing = { author: grace, reason: 'No.' };
      await host.closeChangeRequest(first.number, closing);
      expect(await github.git.branch('change')).toBe(next.head);
      expect(people.pull(next.number).state).toBe('open');
      await host.closeChangeRequest(next.number, closing);
      expect(await github.git.branch('change')).toBeUndefined();
    });

    it('finds out that it was merged when the answer was lost', async () => {
      const { github, open, merge } = await start();
      const request = await open('change', 'version: 1\n');
      github.faults.inject({
        fault: { kind: 'cut-after' },
        times: 1,
        method: 'PUT',
      });
      expect(await merge(request)).toEqual({
        outcome: 'merged',
        commit: await github.git.branch('main'),
      });
    });

    it.each(['squash', 'rebase'] as const)(
      'merges by %s where that is wanted',
      async mergeMethod => {
        const { host, github, open, merge } = await start({
          settings: { mergeMethod },
        });
        const request = await open('change', 'version: 1\n');
        const commit = await github.git.branch('main').then(async before => {
          const result = await merge(request);
          const after = await github.git.branch('main');
          expect(result).toEqual({ outcome: 'merged', commit: after });
          const { parents } = await github.git.details(after!);
          expect(parents).toEqual([before]);
          return after!;
        });
        expect(await host.changeRequestMergedBy(commit)).toBe(request.number);
        expect(await host.getChangeRequest(request.number)).toMatchObject({
          state: 'merged',
          mergeCommit: commit,
        });
        const diff = await host.diffOfChangeRequest(request.number);
        expect(diff).toContain('+version: 1');
      },
    );

    it.each(['merge', 'squash', 'rebase'] as const)(
      'sees what a person merged on GitHub (%s)',
      async method => {
        const { host, people, open, merge } = await start();
        const request = await open('change', 'version: 1\n');
        const { number } = request;
        const commit = await people.merge({
          number,
          account: 'octocat',
          method,
        });
        await host.refresh();
        expect(await host.mainRevision()).toBe(commit);
        expect(await host.changeRequestMergedBy(commit)).toBe(number);
        expect(await merge(request)).toEqual({ outcome: 'merged', commit });
      },
    );

    it('does not take for merged what main has lost', async () => {
      const { host, github, open, merge, connect, folder } = await start();
      const before = (await github.git.branch('main'))!;
      const request = await open('change', 'version: 1\n');
      await merge(request);
      const refs = await github.git.refs();
      await github.git.setRef('refs/heads/main', before);
      await github.pulls.afterPush(refs, 'acme');
      await host.refresh();
      expect(await host.mainRevision()).toBe(before);
      expect(await merge(request)).toMatchObject({
        outcome: 'refused',
        reason: expect.stringContaining('main does not have it'),
      });
      // A fresh copy sees the same.
      const other = await connect(path.join(folder, 'other.git'));
      await other.host.refresh();
      expect(await other.host.mainRevision()).toBe(before);
    });

    it('sees by the sweep what no webhook told', async () => {
      const { host, github, people, open } = await start();
      github.webhooks.mode = 'drop';
      github.state.clockOffsetMillis = -1_100;
      const { number, head } = await open('change', 'version: 1\n');
      await host.refresh();
      const before = await host.changeToken();
      const calls: string[] = [];
      host.watch(() => calls.push('told'));
      // GitHub tells time in seconds: the next one has begun.
      github.state.clockOffsetMillis = 0;
      people.review({ number, account: 'octocat', verdict: 'approve' });
      expect(await host.changeToken()).toBe(before);
      await host.refresh();
      expect(calls).toEqual(['told']);
      expect(await host.changeToken()).not.toBe(before);
      const { items } = await host.listChangeRequests({ state: 'open' });
      expect(items[0].approvals).toMatchObject([
        { author: { account: 'octocat' }, head },
      ]);
    });

    it('does not ask again for what was said and has not changed', async () => {
      const { host, github, open } = await start();
      // It was said long enough ago.
      github.state.clockOffsetMillis = -4_100;
      await open('change', 'version: 1\n');
      const conversations = () =>
        github.api.requests.filter(({ path: asked }) => /reviews/.test(asked))
          .length;
      await host.listChangeRequests({ state: 'open' });
      const before = conversations();
      await host.listChangeRequests({ state: 'open' });
      await host.refresh();
      await host.listChangeRequests({ state: 'open' });
      expect(conversations()).toBe(before);
    });

    it('believes nobody who writes as somebody else', async () => {
      const { host, github, people, open } = await start();
      const { number, head } = await open('change', 'version: 1\n');
      await host.approveChangeRequest(number, { author: grace, head });
      const pull = people.pull(number);
      expect(pull.comments[0].body).toMatch(/^\*\*Grace\*\* approves/);
      const marker = pull.comments[0].body;

      // Somebody copies what Greenroom wrote, and somebody edits it.
      people.comment({ number, account: 'mallory', text: marker });
      expect((await host.getChangeRequest(number)).approvals).toHaveLength(1);
      const moved = await underTest.clone.push({
        branch: 'change',
        path: PATH,
        content: 'version: 2\n',
        author: ada,
      });
      people.editComment({
        number,
        index: 0,
        change: body => body.replace(head.slice(0, 12), moved.slice(0, 12)),
      });
      const request = await host.getChangeRequest(number);
      expect(request.approvals).toEqual([]);
      expect(request.comments.map(({ author }) => author.name)).toEqual([
        `${github.state.app.slug}[bot]`,
        'mallory',
      ]);
    });

    it('writes a comment once although its answer was lost', async () => {
      const { host, github, people, open } = await start();
      const { number } = await open('change', 'version: 1\n');
      github.faults.inject({
        fault: { kind: 'cut-after' },
        times: 1,
        method: 'POST',
        path: /comments/,
      });
      await host.commentOnChangeRequest(number, {
        author: grace,
        text: 'Good',
      });
      expect(people.pull(number).comments).toHaveLength(1);
      github.faults.inject({
        fault: { kind: 'refuse', status: 502, message: 'Bad gateway' },
        times: 1,
        method: 'POST',
        path: /comments/,
      });
      await host.commentOnChangeRequest(number, {
        author: grace,
        text: 'Really',
      });
      const { comments, author } = await host.getChangeRequest(number);
      expect(comments).toMatchObject([
        { author: grace, text: 'Good' },
        { author: grace, text: 'Really' },
      ]);
      // Opened by the App, for somebody.
      expect(author).toEqual(grace);
    });

    it('knows the accounts of those who wrote the branch', async () => {
      const { host, people, open, clone } = await start();
      people.join('octocat', 'private@example.com');
      await open('change', 'version: 1\n');
      await clone.push({
        branch: 'change',
        path: PATH,
        content: 'version: 2\n',
        author: { name: 'Octo', email: 'private@example.com' },
      });
      const branch = await host.getBranch('change');
      expect(branch?.contributors).toContainEqual({
        name: 'Octo',
        email: 'private@example.com',
        account: 'octocat',
      });
    });

    it('knows who pushed, whomever their commits name as the author', async () => {
      const { host, open, clone } = await start();
      const { head } = await open('change', 'version: 1\n');
      const before = await host.getBranch('change');
      expect(before).toMatchObject({ head, contributors: [ada] });
      const forge = (content: string, author = grace) =>
        clone.push({ branch: 'change', path: PATH, content, author });
      await forge('version: 2\n');
      // Somebody pushes as Grace, whose address only the portal writes.
      expect((await host.getBranch('change'))?.contributors).toEqual(
        expect.arrayContaining([
          ada,
          grace,
          expect.objectContaining({ account: 'hand' }),
        ]),
      );
      await forge('version: 3\n', {
        name: 'A bot',
        email: '1+robot[bot]@users.noreply.127.0.0.1',
      });
      expect((await host.getBranch('change'))?.contributors).toContainEqual(
        expect.objectContaining({ account: 'hand' }),
      );
    });

    it('does not say who changed a branch before GitHub has said who pushed it', async () => {
      const { host, github, open, clone } = await start();
      await open('change', 'version: 1\n');
      const { activities } = github.state;
      await clone.push({
        branch: 'change',
        path: PATH,
        content: 'version: 2\n',
        author: grace,
      });
      const [late] = activities.splice(-1);
      await expect(host.getBranch('change')).rejects.toMatchObject({
        isHostAway: true,
        message: expect.stringContaining('does not say yet who pushed'),
      });
      const clock = jest
        .spyOn(Date, 'now')
        .mockReturnValue(Date.now() + 61_000);
      // GitHub may never say so: then it was somebody whom nobody knows.
      const untold = await host.getBranch('change');
      clock.mockRestore();
      expect(untold?.contributors).toContainEqual(
        expect.objectContaining({ account: '(unknown)' }),
      );
      activities.push(late);
      expect((await host.getBranch('change'))?.contributors).toEqual(
        expect.arrayContaining([
          ada,
          grace,
          expect.objectContaining({ account: 'hand' }),
        ]),
      );
    });

    it('goes by commits where GitHub does not tell who pushed, and says so', async () => {
      const { host, github, open, clone } = await start();
      await open('change', 'version: 1\n');
      await clone.push({
        branch: 'change',
        path: PATH,
        content: 'version: 2\n',
        author: grace,
      });
      github.faults.inject({
        fault: { kind: 'refuse', status: 404, message: 'Not Found' },
        times: 1,
        path: /activity/,
      });
      const told = await host.getBranch('change');
      expect(told?.contributors).toHaveLength(2);
      expect(host.describe().problems).toEqual([
        {
          kind: 'setup',
          text: expect.stringContaining('does not tell who pushed'),
        },
      ]);
      expect((await host.getBranch('change'))?.contributors).toHaveLength(3);
      expect(host.describe().problems).toEqual([]);
    });

    it('forgets who pushed to a branch that Greenroom has made anew since', async () => {
      const { host, open, clone } = await start();
      await open('change', 'version: 1\n');
      const push = (branch: string, content: string) =>
        clone.push({ branch, path: PATH, content, author: grace });
      await push('change', 'version: 2\n');
      await push('main', 'version: 3\n');
      const anew = await host.ensureBranch({
        branch: 'change',
        changes: [{ path: PATH, content: 'version: 4\n' }],
        message: 'Begin again\n',
        author: ada,
        startOver: true,
      });
      expect(anew.contributors).toEqual([ada]);
      expect(await host.getBranch('change')).toEqual(anew);
    });

    it('takes one that somebody has go elsewhere than into main for closed, and leaves it to them', async () => {
      const { host, people, open, merge } = await start();
      const { number, head } = await open('change', 'version: 1\n');
      people.goInto({ number, base: 'try-out' });
      expect(await host.getChangeRequest(number)).toMatchObject({
        state: 'closed',
      });
      expect(await merge({ number, head })).toEqual({ outcome: 'closed' });
      await host.closeChangeRequest(number, { author: grace, reason: 'No' });
      expect(people.pull(number)).toMatchObject({
        state: 'open',
        comments: [],
      });
      expect(await host.getBranch('change')).toMatchObject({ head });
    });

    it('knows what one from a fork changes, also from a fork of the same owner', async () => {
      const { host, github, people, clone } = await start();
      for (const account of ['mallory', github.state.owner]) {
        const head = await clone.push({
          branch: 'main',
          onto: 'change',
          path: PATH,
          content: `of: ${account}\n`,
          author: ada,
        });
        await people.openPull({
          branch: 'change',
          account,
          title: 'From a fork',
          isFromFork: true,
        });
        await github.git.setRef('refs/heads/change', undefined);
        await host.refresh();
        const [request] = (await host.listChangeRequests({ state: 'open' }))
          .items;
        expect(request).toMatchObject({ head, isFromFork: true });
        expect(await host.getBranch(request.branch)).toMatchObject({
          head,
          changedPaths: [PATH],
        });
        expect(await host.getBranch('change')).toBeUndefined();
      }
    });

    it('does not say that there is none where GitHub does not let it in', async () => {
      const { host, github, open } = await start();
      const { number } = await open('change', 'version: 1\n');
      github.faults.inject({
        fault: { kind: 'refuse', status: 404, message: 'Not Found' },
        times: 100,
      });
      const error = await host.getChangeRequest(number).catch(thrown => thrown);
      expect(error).toMatchObject({ name: 'GitHubError', isHostAway: true });
      github.faults.clear();
      await expect(host.getChangeRequest(number + 1)).rejects.toThrow(
        'There is no change request',
      );
    });

    it('tells more remarks than GitHub takes at once', async () => {
      const { host, github, open } = await start();
      const { number, head } = await open('change', 'version: 1\n');
      const publish = (count: number) =>
        host.publishChecks(number, {
          head,
          checks: [
            {
              name: 'Greenroom',
              title: 'Much is wrong',
              state: 'failed',
              summary: 'x'.repeat(70_000),
              annotations: Array.from({ length: count }, (_, index) => ({
                path: PATH,
                line: index + 1,
                level: 'failure' as const,
                message: `Fault ${index}`,
              })),
            },
          ],
        });
      await publish(120);
      await publish(120);
      expect(github.state.checkRuns).toHaveLength(1);
      expect(github.state.checkRuns[0].annotations).toHaveLength(120);
      // Others are told with a run of their own, as remarks cannot be taken back.
      await publish(2);
      expect(github.state.checkRuns.at(-1)?.annotations).toHaveLength(2);
      expect((await host.getChangeRequest(number)).checks).toHaveLength(1);
    });

    it('tells checks as statuses where it has a token only', async () => {
      const { github, connect, settings, open, folder, people } = await start();
      const { number, head } = await open('change', 'version: 1\n');
      Object.assign(settings, {
        credentials: { kind: 'token', token: people.tokenOf('robot') },
      });
      const { host } = await connect(path.join(folder, 'token.git'));
      await host.refresh();
      const check = (state: 'running' | 'failed' | 'passed') => ({
        name: 'Greenroom',
        title: `It is ${state}. ${'x'.repeat(200)}`,
        state,
        summary: '',
        annotations: [],
      });
      for (const state of ['running', 'failed', 'passed'] as const) {
        await host.publishChecks(number, { head, checks: [check(state)] });
        const { checks } = await host.getChangeRequest(number);
        expect(checks).toMatchObject([{ name: 'Greenroom', state }]);
      }
      expect(github.state.statuses).toHaveLength(3);
      await host.commentOnChangeRequest(number, { author: grace, text: 'Hm' });
      const { comments } = await host.getChangeRequest(number);
      expect(comments).toMatchObject([{ author: grace, text: 'Hm' }]);
    });

    it('starts while GitHub is away, says so, and goes on when it is back', async () => {
      const { github, connect, folder } = await start();
      github.isDown = true;
      const { host } = await connect(path.join(folder, 'late.git'));
      await expect(host.refresh()).rejects.toThrow('was answered 503');
      await expect(host.mainRevision()).rejects.toThrow(
        'What is new on GitHub cannot be seen since',
      );
      const { problems } = host.describe();
      expect(problems).toMatchObject([{ kind: 'away' }]);
      // It says since when, however often it is asked.
      await sleep(5);
      await expect(host.refresh()).rejects.toThrow();
      expect(host.describe().problems).toEqual(problems);
      github.isDown = false;
      await host.refresh();
      expect(await host.mainRevision()).toBe(await github.git.branch('main'));
      expect(host.describe().problems).toEqual([]);
      // What was seen before stays there to be read.
      github.isDown = true;
      await expect(host.refresh()).rejects.toThrow();
      expect(await host.mainRevision()).toBe(await github.git.branch('main'));
      github.isDown = false;
    });

    it('tells of a push to main before it has looked at pull requests', async () => {
      const { github, host, clone } = await start();
      await host.refresh();
      const pushed = await clone.push({
        branch: 'main',
        onto: 'pushed',
        path: 'environments/production/models/pushed.yaml',
        content: 'version: 1\n',
        author: grace,
      });
      await host.refresh();
      const told = jest.fn();
      const stop = host.watch(() => void told());
      await github.git.setRef('refs/heads/main', pushed);
      github.faults.inject({
        path: /\/pulls$/,
        fault: { kind: 'refuse', status: 403, message: 'Not now' },
        times: 1,
      });
      await expect(host.refresh()).rejects.toThrow();
      expect(told).toHaveBeenCalledTimes(1);
      expect(await host.mainRevision()).toBe(await github.git.branch('main'));
      // Looked at again, it is no news.
      await host.refresh();
      expect(told).toHaveBeenCalledTimes(2);
      stop();
    });

    it('reads what a process before it has seen, while GitHub is away', async () => {
      const { github, connect, host: before } = await start();
      const seen = await before.mainRevision();
      github.isDown = true;
      const { host } = await connect();
      await expect(host.refresh()).rejects.toThrow();
      expect(await host.mainRevision()).toBe(seen);
      await expect(host.mainRevision({ fresh: true })).rejects.toThrow(
        'was answered 503',
      );
      github.isDown = false;
    });

    it('tells how main is now where that is asked for, whatever was seen of it', async () => {
      const { github, host } = await start();
      const seen = await host.mainRevision();
      const clone = await createClone({
        directory: github.cloneUrlOf('hand'),
        folder: underTest.folder,
      });
      const pushed = await clone.push({
        branch: 'main',
        path: PATH,
        content: 'of somebody',
        author: ada,
      });
      expect(await host.mainRevision()).toBe(seen);
      expect(await host.mainRevision({ fresh: true })).toBe(pushed);
      expect(await host.mainRevision()).toBe(pushed);
    });

    it('looks at a branch again where it is not what was told of it', async () => {
      const { github, host, folder, open } = await start();
      const { number, branch } = await open('one', 'version: 2');
      const clone = await createClone({
        directory: github.cloneUrlOf('hand'),
        folder,
      });
      await clone.push({ branch, path: 'more', content: 'too', author: grace });
      const { head } = await host.getChangeRequest(number);
      expect(await host.getBranch(branch, { head })).toMatchObject({
        head,
        changedPaths: [PATH, 'more'],
        contributors: expect.arrayContaining([
          expect.objectContaining({ email: grace.email }),
        ]),
      });
    });

    it('opens a change request of a branch that another process has made', async () => {
      const { host, connect, folder } = await start();
      const other = await connect(path.join(folder, 'other.git'));
      await other.host.refresh();
      await host.ensureBranch({
        branch: 'two',
        changes: [{ path: PATH, content: 'version: 2' }],
        message: `Set ${PATH}\n`,
        author: ada,
      });
      expect(
        await other.host.openChangeRequest({
          branch: 'two',
          title: 'Change two',
          body: 'why',
          author: ada,
        }),
      ).toMatchObject({ branch: 'two', state: 'open' });
    });

    it('begins a repository that is still empty', async () => {
      const { github, connect, folder } = await start();
      await github.git.setRef('refs/heads/main', undefined);
      const { host } = await connect(path.join(folder, 'first.git'));
      await host.refresh();
      const revision = await host.mainRevision();
      expect(revision).toBe(await github.git.branch('main'));
      const files = await host.listFiles({
        folder: 'environments',
        revision,
        maxFileBytes: 100,
      });
      expect(files.map(file => file.path)).toEqual([
        'environments/dev/models/.gitkeep',
        'environments/production/models/.gitkeep',
      ]);
    });

    it('overwrites no repository that is not a copy of this one', async () => {
      const { connect, folder } = await start();
      const directory = path.join(folder, 'own.git');
      await mkdir(directory);
      await run('git', ['init', '--bare', '--quiet', directory]);
      await expect(connect(directory)).rejects.toThrow(
        'is no copy of another repository, and would be overwritten',
      );
    });

    it('gives its token to Git without anybody seeing it', async () => {
      const { host, api, mirror, github } = await start();
      const token = await api.tokens.current();
      const encoded = Buffer.from(`x-access-token:${token}`).toString('base64');
      const settings = await readFile(
        path.join(mirror.opened.git.directory, 'config'),
        'utf8',
      );
      const calls: string[] = [];
      const original = mirror.opened.git.run.bind(mirror.opened.git);
      jest.spyOn(mirror.opened.git, 'run').mockImplementation(call => {
        calls.push(JSON.stringify(call.args));
        return original(call);
      });
      await host.refresh();
      github.isDown = true;
      const error = await host.refresh().catch(failure => failure);
      github.isDown = false;
      expect(calls.join()).toContain('fetch');
      const seen = `${settings} ${calls.join()} ${error.stack} ${
        error.cause?.stack
      } ${JSON.stringify(host.describe())}`;
      expect(seen).toContain('does not answer Git');
      expect(seen).not.toContain(token);
      expect(seen).not.toContain(encoded);
    });
  });
});
