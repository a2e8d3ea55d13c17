import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { GitHubStandIn } from './GitHubStandIn';
import { startForTest } from './startStandIn';
import { signatureOf } from './Webhooks';

jest.setTimeout(60_000);

const run = promisify(execFile);
const HEAD = '/repos/acme/environments';

describe('GitHubStandIn', () => {
  let folder: string;
  let github: GitHubStandIn;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'github-'));
    ({ github } = await startForTest({ directory: folder }));
  });
  afterEach(async () => {
    await github.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function call(
    method: string,
    url: string,
    body?: object,
    token = github.people.tokenOf('octocat'),
  ) {
    const response = await fetch(`${github.places.api}${url}`, {
      method,
      body: body && JSON.stringify(body),
      headers: { authorization: `token ${token}` },
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text ? JSON.parse(text) : undefined,
    };
  }

  /** Pushes one file to a branch as somebody. */
  async function push(branch: string, file: string, content: string) {
    const clone = await mkdtemp(path.join(folder, 'clone-'));
    const git = async (...args: string[]) => {
      const who = [
        '-c',
        'user.name=Octo',
        '-c',
        'user.email=octocat@example.com',
      ];
      const { stdout } = await run('git', [...who, ...args], { cwd: clone });
      return stdout.trim();
    };
    await git('clone', '--quiet', github.cloneUrlOf('octocat'), '.');
    const exists = await git('ls-remote', 'origin', `refs/heads/${branch}`);
    const start = exists ? `origin/${branch}` : 'origin/main';
    await git('checkout', '--quiet', '-B', branch, start);
    await writeFile(path.join(clone, file), content);
    await git('add', '.');
    await git('commit', '--quiet', '-m', `Set ${file}`);
    await git('push', '--quiet', 'origin', branch);
    return git('rev-parse', 'HEAD');
  }

  it('answers each route as GitHub describes it', async () => {
    const head = await push('change', 'a.txt', 'one\n');
    const { body: pull } = await call('POST', `${HEAD}/pulls`, {
      title: 'Change it',
      head: 'change',
      base: 'main',
      body: 'why',
    });
    expect(pull).toMatchObject({ number: 1, head: { sha: head } });
    const { number } = pull;
    await call('PATCH', `${HEAD}/pulls/${number}`, { title: 'Changed' });
    await call('POST', `${HEAD}/issues/${number}/comments`, { body: 'Hm' });
    github.people.review({ number, account: 'hubot', verdict: 'approve' });
    await call('POST', `${HEAD}/statuses/${head}`, {
      state: 'success',
      context: 'ci',
    });
    const { token } = issueToken();
    const { body: check } = await call(
      'POST',
      `${HEAD}/check-runs`,
      { name: 'Gates', head_sha: head, status: 'in_progress' },
      token,
    );
    await call(
      'PATCH',
      `${HEAD}/check-runs/${check.id}`,
      { conclusion: 'success', output: { title: 'Good', summary: 'All' } },
      token,
    );
    const { body: deployment } = await call('POST', `${HEAD}/deployments`, {
      ref: head,
      environment: 'dev',
      auto_merge: false,
      required_contexts: [],
    });
    await call('POST', `${HEAD}/deployments/${deployment.id}/statuses`, {
      state: 'success',
    });
    const { body: ruleset } = await call('POST', `${HEAD}/rulesets`, {
      name: 'Main',
      target: 'branch',
      enforcement: 'active',
      conditions: { ref_name: { include: ['refs/heads/main'], exclude: [] } },
      rules: [{ type: 'deletion' }],
    });
    for (const url of [
      '/user',
      HEAD,
      `${HEAD}/pulls?state=all&per_page=100`,
      `${HEAD}/pulls/${number}`,
      `${HEAD}/pulls/${number}/reviews`,
      `${HEAD}/issues/${number}/comments`,
      `${HEAD}/commits/${head}/pulls`,
      `${HEAD}/commits/${head}/check-runs`,
      `${HEAD}/commits/${head}/status`,
      `${HEAD}/compare/${pull.base.sha}...${head}`,
      `${HEAD}/deployments?sha=${head}`,
      `${HEAD}/deployments/${deployment.id}/statuses`,
      `${HEAD}/rulesets`,
      `${HEAD}/rulesets/${ruleset.id}`,
    ]) {
      const { status, body } = await call('GET', url);
      expect({ url, status, message: body.message }).toEqual({
        url,
        status: 200,
        message: undefined,
      });
    }
    const { body: merged } = await call(
      'PUT',
      `${HEAD}/pulls/${number}/merge`,
      { sha: head, merge_method: 'squash' },
    );
    expect(merged).toMatchObject({ merged: true });
    expect(await github.git.branch('main')).toBe(merged.sha);
    expect(github.api.violations).toEqual([]);
  });

  it('notices what GitHub would not understand, and would not answer', async () => {
    await call('GET', `${HEAD}/pulls?statee=open`);
    await call('POST', `${HEAD}/pulls`, { title: 5, head: 'x' });
    const account = github.state.accounts.get('octocat')!;
    // An answer without what GitHub always tells.
    github.state.accounts.set('octocat', { ...account, id: 'x' as never });
    await call('GET', '/user');
    const { violations } = github.api;
    expect(violations[0]).toContain("there is no parameter 'statee'");
    const of = (start: string) =>
      violations.filter(violation => violation.startsWith(start));
    expect(of('POST /repos/{owner}/{repo}/pulls: body')).toEqual([
      expect.stringContaining('base'),
      expect.stringContaining('string'),
    ]);
    expect(of('GET /user: answer 200')).toContainEqual(
      'GET /user: answer 200/id must be integer',
    );
  });

  it('asks who it is, and what they may', async () => {
    const refused = await call('GET', '/user', undefined, 'ghp_wrong');
    expect(refused).toMatchObject({ status: 401 });
    delete github.state.app.permissions.administration;
    const { token } = issueToken();
    expect(
      await call(
        'POST',
        `${HEAD}/rulesets`,
        { name: 'Main', enforcement: 'active' },
        token,
      ),
    ).toMatchObject({ status: 403 });
    github.revokeInstallationTokens();
    expect(await call('GET', HEAD, undefined, token)).toMatchObject({
      status: 401,
    });
    expect(
      await call('POST', `${HEAD}/check-runs`, { name: 'x', head_sha: 'y' }),
    ).toMatchObject({
      status: 403,
      body: { message: 'You must authenticate via a GitHub App.' },
    });
  });

  it('merges by the rules of main, and by its queue', async () => {
    const head = await push('change', 'a.txt', 'one\n');
    const { number } = await github.people.openPull({
      branch: 'change',
      account: 'octocat',
      title: 'Change it',
    });
    const merge = () =>
      call('PUT', `${HEAD}/pulls/${number}/merge`, { sha: head });
    github.state.rulesets.push({
      id: 1,
      name: 'Main',
      target: 'branch',
      enforcement: 'active',
      conditions: { ref_name: { include: ['~DEFAULT_BRANCH'] } },
      rules: [
        {
          type: 'pull_request',
          parameters: { required_approving_review_count: 1 },
        },
      ],
    });
    expect(await merge()).toMatchObject({
      status: 405,
      body: { message: expect.stringContaining('At least 1 approving review') },
    });
    github.people.review({ number, account: 'hubot', verdict: 'approve' });
    github.state.rulesets[0].rules.push({ type: 'merge_queue' });
    expect(await merge()).toMatchObject({
      status: 405,
      body: { message: 'Changes must be made through the merge queue' },
    });
    github.pulls.enqueue(github.people.pull(number), head);
    await github.pulls.processQueue();
    expect(github.people.pull(number).mergeCommit).toBe(
      await github.git.branch('main'),
    );
  });

  it('finds out from pushes what became of pull requests', async () => {
    await push('one', 'a.txt', 'one\n');
    await push('two', 'b.txt', 'two\n');
    for (const branch of ['one', 'two']) {
      await github.people.openPull({
        branch,
        account: 'octocat',
        title: branch,
      });
    }
    await github.pulls.removeBranch('two', 'octocat');
    expect(github.people.pull(2)).toMatchObject({
      state: 'closed',
      mergedAt: null,
    });
    const moved = await push('one', 'c.txt', 'more\n');
    expect(github.people.pull(1).head).toBe(moved);
    expect((await github.git.refs('refs/pull/')).get('1/head')).toBe(moved);
    const before = await github.git.refs();
    await github.git.setRef('refs/heads/main', moved);
    await github.pulls.afterPush(before, 'octocat');
    expect(github.people.pull(1)).toMatchObject({
      state: 'closed',
      mergeCommit: moved,
    });
  });

  it('tells of it: signed, once, not at all, or twice', async () => {
    const seen: string[] = [];
    const receiver = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      expect(request.headers['x-hub-signature-256']).toBe(
        signatureOf(body, github.webhooks.secret),
      );
      seen.push(`${request.headers['x-github-delivery']}`);
      response.end();
    });
    await new Promise<void>(resolve =>
      receiver.listen(0, '127.0.0.1', resolve),
    );
    github.webhooks.url = `http://127.0.0.1:${
      (receiver.address() as AddressInfo).port
    }`;
    try {
      await push('one', 'a.txt', 'one\n');
      await github.webhooks.settled();
      expect(seen).toHaveLength(1);
      github.webhooks.mode = 'drop';
      await github.people.openPull({
        branch: 'one',
        account: 'octocat',
        title: 'x',
      });
      await github.webhooks.settled();
      expect(seen).toHaveLength(1);
      github.webhooks.mode = 'twice';
      github.people.close(1);
      await github.webhooks.settled();
      expect(seen).toHaveLength(3);
      expect(new Set(seen).size).toBe(2);
      github.webhooks.redeliver(github.webhooks.deliveries.at(-1)!);
      await github.webhooks.settled();
      expect(seen.at(-1)).toBe(seen.at(-2));
    } finally {
      receiver.close();
    }
  });

  it('goes wrong when it is asked to', async () => {
    github.faults.inject({
      fault: { kind: 'rate-limit', resetInSeconds: 60 },
      times: 1,
    });
    const limited = await call('GET', '/user');
    expect(limited.status).toBe(403);
    expect(limited.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(await call('GET', '/user')).toMatchObject({ status: 200 });
    github.faults.inject({
      fault: { kind: 'refuse', status: 502, message: 'Server Error' },
      times: 1,
      path: /pulls/,
    });
    expect(await call('GET', '/user')).toMatchObject({ status: 200 });
    expect(await call('GET', `${HEAD}/pulls`)).toMatchObject({ status: 502 });
    github.faults.inject({ fault: { kind: 'cut-after' }, times: 1 });
    await expect(call('GET', '/user')).rejects.toThrow('fetch failed');
  });

  function issueToken() {
    const token = 'ghs_test';
    github.state.installationTokens.set(token, Date.now() + 60_000);
    return { token };
  }
});
