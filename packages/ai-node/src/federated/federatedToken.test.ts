import { ConfigReader } from '@backstage/config';
import { problemWithToken, readFederatedToken } from './federatedToken';

const options = {
  from: 'oidc',
  name: 'github-production',
  owner: 'group:default/ml-platform',
  issuer: 'https://token.actions.githubusercontent.com',
  audience: 'https://greenroom.example',
  claims: { repository: 'acme/environments', environment: 'production' },
  scopes: [{ permission: 'ai-registry.model.read' }],
};
const read = (more: object) =>
  readFederatedToken(new ConfigReader({ ...options, ...more }));

describe('readFederatedToken', () => {
  it('reads who signs, for whom and about what', () => {
    expect(read({ claims: { repository: ['a/b', 'a/c'], ref: 'r' } })).toEqual({
      name: 'github-production',
      owner: 'group:default/ml-platform',
      issuer: 'https://token.actions.githubusercontent.com',
      jwksUrl: undefined,
      audience: 'https://greenroom.example',
      claims: { repository: ['a/b', 'a/c'], ref: ['r'] },
      scopes: [{ permission: 'ai-registry.model.read' }],
      expiresAt: undefined,
      plugins: [],
    });
  });

  it.each([
    [{ claims: { ref: 'refs/heads/main' } }, /needs claims.repository/],
    [{ claims: { repository: 'acme/environments' } }, /needs claims.ref/],
    [
      { claims: { repository: '*/environments', ref: 'refs/heads/main' } },
      /asterisk before the first slash/,
    ],
    [{ claims: { sub: 'repo:*' } }, /asterisk before the first slash/],
    [{ claims: { repository: 'a/b', ref: [] } }, /nothing in claims.ref/],
    [{ issuer: 'http://issuer.example' }, /issuer.*must begin with https/],
    [{ jwksUrl: 'keys' }, /jwksUrl 'keys': write a URL/],
    [{ issuer: 'https://me:secret@issuer.example' }, /user and password out/],
    [{ audience: 'backstage' }, /audience 'backstage'/],
    [{ token: 'a-token-of-more-than-24-characters' }, /unknown option 'token'/],
    [{ audience: undefined }, /audience/],
    [{ claims: undefined }, /claims/],
  ])('refuses %j', (more, message) => {
    expect(() => read(more)).toThrow(message);
  });
});

describe('problemWithToken', () => {
  const problem = (pattern: string, sub: string) =>
    problemWithToken(
      { audience: 'us', claims: { sub: [pattern] } },
      { aud: 'us', sub },
    );

  it.each([
    [
      'repo:acme/*:environment:production',
      'repo:acme/a:environment:production',
      true,
    ],
    [
      'repo:acme/*:environment:production',
      'repo:acme/a/b:environment:production',
      false,
    ],
    [
      'repo:acme/*:environment:production',
      'repo:acme/a:ref:refs:environment:production',
      false,
    ],
    ['repo:acme/*', 'repo:acme/a:environment:production', false],
    ['repo:acme/*', 'repo:acme/a', true],
    ['repo:acme/a.b', 'repo:acme/axb', false],
    ['repo:acme/a.*', 'repo:acme/axb', false],
    ['repo:acme/*', 'repo:acme/a\n', false],
    ['refs/pull/*/merge', 'refs/pull/12/merge', true],
  ])('%s on %j: %s', (pattern, sub, expected) => {
    expect(problem(pattern, sub) === undefined).toBe(expected);
  });

  it('shows no more of a claim than fits a line', () => {
    expect(problem('x', 'y'.repeat(10_000))!.length).toBeLessThan(400);
  });
});
