import { ChangeLog } from '@greenroom/ai-node';
import type { NewServiceToken } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import type { Announcement } from '../events/announcement';
import { ServiceTokenService } from './ServiceTokenService';
import { ServiceTokenStore } from './ServiceTokenStore';

const databases = registryDatabases();
const GRACE = 'user:default/grace';

/** Of the next one: an end within a year, were there such a day. */
const YEAR_OF_FEBRUARY = new Date(
  Date.now() + 305 * 86_400_000,
).getUTCFullYear();

describe('ServiceTokenService', () => {
  let knex: Knex;
  let tokens: ServiceTokenService;

  beforeEach(async () => {
    knex = await databases.open();
    tokens = new ServiceTokenService({
      store: new ServiceTokenStore({ knex }),
      changes: new ChangeLog<Announcement>({ knex }),
      directory: { has: async ref => ref === 'group:default/vision' },
      declared: [
        {
          name: 'data-plane-production',
          owner: 'group:default/platform',
          hash: Buffer.from(''),
          scopes: [],
          plugins: [],
        },
      ],
    });
  });
  afterEach(() => knex.destroy());

  const wanted = (fields: Partial<NewServiceToken> = {}): NewServiceToken => ({
    name: 'nightly',
    owner: 'group:default/vision',
    scopes: [{ permission: 'ai-registry.model.promote', on: ['dev/*'] }],
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    ...fields,
  });

  it('issues a token that is shown once and kept as a hash, and revokes it once', async () => {
    const { token, ...issued } = await tokens.issue(wanted(), GRACE);
    expect(token).toMatch(/^grt_[\w-]{43}$/);
    const [declared, listed] = await tokens.list();
    expect(declared).toMatchObject({
      name: 'data-plane-production',
      source: 'configuration',
    });
    expect(listed).toEqual(issued);
    expect(listed).toMatchObject({
      ...wanted({ expiresAt: issued.expiresAt }),
      source: 'portal',
    });

    const revoked = await tokens.revoke('nightly', GRACE);
    expect(revoked.revokedAt).toBeDefined();
    expect(await tokens.revoke('nightly', GRACE)).toEqual(revoked);

    const entries = await knex('audit_entries').orderBy('id');
    expect(entries).toMatchObject([
      {
        action: 'token-issued',
        actor: GRACE,
        subject: 'nightly',
        owner: 'group:default/vision',
        after: { scopes: wanted().scopes },
      },
      { action: 'token-revoked', before: { scopes: wanted().scopes } },
    ]);
    const kept = JSON.stringify([await knex('service_tokens'), entries]);
    expect(kept).not.toContain(token);
  });

  it.each<[string, Partial<NewServiceToken>, string]>([
    ['a name in capitals', { name: 'Nightly' }, 'needs a name of lower-case'],
    [
      'a name of the configuration',
      { name: 'data-plane-production' },
      'belongs to a token of the configuration',
    ],
    ['an owner that is not there', { owner: 'group:default/x' }, 'owner'],
    [
      'a scope that is none',
      { scopes: [{ permission: 'everything' }] },
      "has the permission 'everything'",
    ],
    [
      'a pattern that is none',
      { scopes: [{ permission: 'ai-registry.model.read', on: ['digits'] }] },
      "has on: 'digits'",
    ],
    ['no end', { expiresAt: 'never' }, "expiresAt 'never' must lie"],
    [
      'an end in no calendar',
      { expiresAt: `${YEAR_OF_FEBRUARY}-02-30` },
      'must lie in the',
    ],
    ['an end that is past', { expiresAt: '2020-01-01' }, 'must lie in the'],
    ['an end too far off', { expiresAt: '2199-01-01' }, 'at most 366 days'],
  ])('refuses %s', async (_what, fields, message) => {
    await expect(tokens.issue(wanted(fields), GRACE)).rejects.toThrow(message);
    expect(await knex('service_tokens')).toEqual([]);
  });

  it('never gives a name twice, and leaves those of the configuration alone', async () => {
    await tokens.issue(wanted(), GRACE);
    await tokens.revoke('nightly', GRACE);
    await expect(tokens.issue(wanted(), GRACE)).rejects.toThrow('given to');
    await expect(tokens.revoke('data-plane-production', GRACE)).rejects.toThrow(
      'take it out there',
    );
    await expect(tokens.revoke('nobodys', GRACE)).rejects.toThrow('no token');
  });
});
