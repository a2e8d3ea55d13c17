import {
  createGitHub,
  type GitHubUnderTest,
} from './__testUtils__/createGitHub';

jest.setTimeout(120_000);

const MINUTE_MILLIS = 60_000;

describe('GitHubApi', () => {
  let underTest: GitHubUnderTest;
  let nowMillis: number;
  let paused: number[];

  beforeEach(async () => {
    nowMillis = Date.now();
    paused = [];
    underTest = await createGitHub({
      api: {
        now: () => nowMillis,
        pause: async millis => {
          paused.push(millis);
          nowMillis += millis;
        },
        timeoutMillis: 500,
      },
    });
    underTest.github.api.requests.length = 0;
  });
  afterEach(() => underTest.stop());

  const getPulls = () => {
    const { octokit, here } = underTest.api;
    return octokit.rest.pulls.list({ ...here, state: 'all' });
  };
  const asked = () =>
    underTest.github.api.requests.map(
      ({ method, path, status }) =>
        `${method} ${path.replace('/repos/acme/environments', '')} ${status}`,
    );

  it('asks for one token for many calls at once', async () => {
    underTest.api.tokens.forget(await underTest.api.tokens.current());
    await Promise.all([getPulls(), getPulls(), getPulls()]);
    const forTokens = asked().filter(line => line.includes('tokens'));
    expect(forTokens).toEqual([
      'POST /app/installations/815/access_tokens 201',
    ]);
  });

  it('signs what GitHub takes from an App, and nothing that lives long', () => {
    const [, payload] = underTest.api.tokens.appJwt().split('.');
    const { iss, iat, exp } = JSON.parse(
      Buffer.from(payload, 'base64url').toString(),
    );
    expect(iss).toBe('4711');
    expect(exp - iat).toBeLessThanOrEqual(600);
  });

  it('gets another token when GitHub has ended the one that it has, once', async () => {
    underTest.github.revokeInstallationTokens();
    await getPulls();
    expect(asked()).toEqual([
      'GET /pulls 401',
      'GET /installation 304',
      'POST /app/installations/815/access_tokens 201',
      'GET /pulls 200',
    ]);
    underTest.github.faults.inject({
      fault: { kind: 'refuse', status: 401, message: 'Bad credentials' },
      times: 9,
      path: /pulls/,
    });
    await expect(getPulls()).rejects.toThrow(
      'GitHub: GET /api/v3/repos/acme/environments/pulls was answered 401: Bad credentials. Check the credentials under integrations.github',
    );
    underTest.github.faults.clear();
  });

  it('asks nothing while no requests are left, and goes on when there are', async () => {
    underTest.github.faults.inject({
      fault: { kind: 'rate-limit', resetInSeconds: 600 },
      times: 1,
    });
    await expect(getPulls()).rejects.toThrow(
      /^GitHub takes no more requests of Greenroom until .*Z \(its primary rate limit\)/,
    );
    await expect(getPulls()).rejects.toThrow('rate limit');
    expect(asked()).toEqual(['GET /pulls 403']);
    // The stand-in's own clock went on meanwhile.
    nowMillis += 660_000;
    await getPulls();
    expect(asked()).toHaveLength(2);
  });

  it('waits where the limit is over soon', async () => {
    const { faults } = underTest.github;
    faults.inject({
      fault: { kind: 'secondary-rate-limit', retryAfterSeconds: 7 },
      times: 1,
    });
    await getPulls();
    expect(paused).toEqual([7_000]);
    // GitHub does not always say how long: a minute, then.
    faults.inject({ fault: { kind: 'secondary-rate-limit' }, times: 1 });
    await expect(getPulls()).rejects.toThrow('its secondary rate limit');
    nowMillis += MINUTE_MILLIS;
    await getPulls();
  });

  it('tries again what may pass, ever more slowly, and gives up', async () => {
    const { faults } = underTest.github;
    const fault = {
      kind: 'refuse',
      status: 502,
      message: 'Bad gateway',
    } as const;
    faults.inject({ fault, times: 3 });
    await getPulls();
    expect(paused).toEqual([500, 1_000, 2_000]);
    faults.inject({ fault, times: 4 });
    await expect(getPulls()).rejects.toThrow(
      'was answered 502: Bad gateway. See whether GitHub is up',
    );
  });

  it('creates nothing twice when it does not know whether it was created', async () => {
    const { octokit, here } = underTest.api;
    underTest.github.faults.inject({
      fault: { kind: 'cut-after' },
      times: 1,
      method: 'POST',
    });
    await expect(
      octokit.rest.repos.createCommitStatus({
        ...here,
        sha: await underTest.host.mainRevision(),
        state: 'success',
      }),
    ).rejects.toThrow('got no answer');
    expect(underTest.github.state.statuses).toHaveLength(1);
  });

  it('does not wait for an answer that never comes', async () => {
    underTest.github.faults.inject({ fault: { kind: 'hang' }, times: 4 });
    await expect(getPulls()).rejects.toThrow(
      'got no answer: it took longer than 500 ms',
    );
    expect(paused).toHaveLength(3);
  });

  it('pays nothing for an answer that still holds', async () => {
    const { data } = await getPulls();
    const again = await getPulls();
    expect(again.data).toEqual(data);
    expect(asked()).toEqual(['GET /pulls 200', 'GET /pulls 304']);
  });

  it('keeps tokens and keys out of what it says', async () => {
    const { api, github } = underTest;
    const token = await api.tokens.current();
    github.faults.inject({
      fault: { kind: 'refuse', status: 422, message: 'No' },
      times: 1,
    });
    const error = await getPulls().catch(failure => failure);
    const seen = `${error.stack} ${JSON.stringify(error)} ${Object.values(
      error,
    )}`;
    expect(seen).toContain('was answered 422: No');
    expect(seen).not.toContain(token);
    expect(seen).not.toContain('ghs_');
  });
});
