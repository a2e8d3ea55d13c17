import { generateKeyPairSync } from 'node:crypto';
import { GitHubTokens } from './GitHubTokens';

const MINUTE_MILLIS = 60_000;

describe('GitHubTokens', () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });

  function create() {
    const clock = { nowMillis: Date.UTC(2026, 10, 26) };
    const tokens = new GitHubTokens(
      { kind: 'app', appId: 7, privateKey },
      () => clock.nowMillis,
    );
    let issued = 0;
    const issue = jest.fn(async (_: string) => ({
      token: `token ${(issued += 1)}`,
      endsAt: new Date(clock.nowMillis + 60 * MINUTE_MILLIS),
    }));
    tokens.issueWith(issue);
    return { clock, tokens, issue };
  }

  it('keeps a token until five minutes before its end', async () => {
    const { clock, tokens, issue } = create();
    expect(await tokens.current()).toBe('token 1');
    clock.nowMillis += 54 * MINUTE_MILLIS;
    expect(await tokens.current()).toBe('token 1');
    clock.nowMillis += 2 * MINUTE_MILLIS;
    const many = await Promise.all([1, 2, 3].map(() => tokens.current()));
    expect(many).toEqual(['token 2', 'token 2', 'token 2']);
    expect(issue).toHaveBeenCalledTimes(2);
  });

  it('asks again after a failure, and for one that GitHub has ended', async () => {
    const { tokens, issue } = create();
    issue.mockRejectedValueOnce(new Error('GitHub is away'));
    await expect(tokens.current()).rejects.toThrow('GitHub is away');
    const first = await tokens.current();
    expect(tokens.forget('another')).toBe(true);
    expect(await tokens.current()).toBe(first);
    tokens.forget(first);
    expect(await tokens.current()).not.toBe(first);
  });

  it('has no other one where one was configured', async () => {
    const tokens = new GitHubTokens({ kind: 'token', token: 'ghp_1' });
    expect(await tokens.current()).toBe('ghp_1');
    expect(tokens.forget('ghp_1')).toBe(false);
  });
});
