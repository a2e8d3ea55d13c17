import { ConfigReader } from '@backstage/config';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { createIssuedToken, IssuedTokens } from './issuedTokens';
import { readServiceTokens, takesIssuedTokens } from './serviceToken';
import { createServiceTokenHandler } from './serviceTokenHandler';

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const SUBJECT = 'greenroom:nightly';

describe('tokens that were issued in the portal', () => {
  let knex: Knex;
  let nowMillis: number;
  let queries: number;
  const { secret, sha256 } = createIssuedToken();

  beforeEach(async () => {
    knex = await databases.init('POSTGRES_18');
    nowMillis = 0;
    queries = 0;
  });

  const createTable = () =>
    knex.schema.createTable('service_tokens', table => {
      table.text('name');
      table.text('owner');
      table.text('sha256');
      table.jsonb('scopes');
      table.timestamp('expires_at');
      table.timestamp('revoked_at');
      table.timestamp('last_used_at');
    });
  const insert = (expiresAt = new Date(Date.now() + 60_000)) =>
    knex('service_tokens').insert({
      name: 'nightly',
      owner: 'group:default/vision',
      sha256,
      scopes: JSON.stringify([{ permission: 'ai-registry.model.read' }]),
      expires_at: expiresAt,
    });
  const create = (declaredNames: string[] = []) => {
    const issued = new IssuedTokens({
      connect: async () => {
        queries += 1;
        return knex;
      },
      logger: mockServices.logger.mock(),
      nowMillis: () => nowMillis,
    });
    const handler = createServiceTokenHandler({
      pluginId: 'ai-registry',
      issued,
      federated: { findByText: async () => undefined },
      declaredNames,
    });
    const context = handler.initialize({
      options: new ConfigReader({ from: 'portal' }),
    });
    return {
      issued,
      verify: (text: string) => handler.verifyToken(text, context),
    };
  };

  it('are taken with their scopes, and refused two seconds after they were revoked', async () => {
    await createTable();
    await insert();
    const { issued, verify } = create();
    expect(await verify(secret)).toEqual({
      subject: SUBJECT,
      accessRestrictions: { permissionNames: ['ai-registry.model.read'] },
    });
    expect(await issued.findByName('nightly')).toMatchObject({
      owner: 'group:default/vision',
    });
    await knex('service_tokens').update({ revoked_at: new Date() });
    nowMillis += 1_500;
    expect(await verify(secret)).toBeUndefined();
    expect(await issued.findByName('nightly')).toBeUndefined();
  });

  it('cost one query a second, however many there are and whatever is tried', async () => {
    await createTable();
    await insert();
    const { issued } = create();
    const guesses = Array.from({ length: 100 }, (_, index) => `grt_${index}`);
    const found = await Promise.all(
      [...guesses, secret].map(text => issued.findByText(text)),
    );
    expect(found.filter(token => token !== undefined)).toHaveLength(1);
    expect(queries).toBe(1);
    await issued.findByText('something-else-of-another-kind');
    nowMillis += 10_000;
    await issued.findByText('something-else-of-another-kind');
    expect(queries).toBe(1);
  });

  it('are none before the registry has made its table', async () => {
    expect(await create().verify(secret)).toBeUndefined();
  });

  it('cannot be judged while the database is away', async () => {
    const issued = new IssuedTokens({
      connect: async () => {
        throw new Error('connect ECONNREFUSED');
      },
      logger: mockServices.logger.mock(),
    });
    await expect(issued.findByText(secret)).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
    });
  });

  it('are refused when they lapsed, and when the configuration has their name', async () => {
    await createTable();
    await insert(new Date(Date.now() - 1_000));
    await expect(create().verify(secret)).rejects.toThrow('lapsed');
    expect(await create(['nightly']).verify(secret)).toBeUndefined();
  });

  it('remember when they were used last', async () => {
    await createTable();
    await insert();
    await create().verify(secret);
    for (let waited = 0; waited < 100; waited++) {
      const [row] = await knex('service_tokens');
      if (row.last_used_at) break;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    const [{ last_used_at: usedAt }] = await knex('service_tokens');
    expect(Date.now() - usedAt.getTime()).toBeLessThan(60_000);
  });

  it('of processes are lent for minutes, renewed, and taken back', async () => {
    await knex.schema.createTable('process_tokens', table => {
      table.text('name').primary();
      table.text('sha256');
      table.jsonb('scopes');
      table.timestamp('expires_at');
    });
    const { issued, verify } = create();
    const written: string[] = [];
    const onQuery = ({ sql }: { sql: string }) => {
      if (sql.includes('last_used_at')) written.push(sql);
    };
    knex.on('query', onQuery);
    const scopes = [{ permission: 'ai-registry.model.read', on: ['dev/*'] }];
    const name = 'data-plane-dev-1';
    const short = await issued.lend({ name, scopes, lifetimeMillis: 1 });
    await expect(verify(short.secret)).rejects.toThrow('lapsed');
    await issued.renew([name], 60_000);
    nowMillis += 1_500;
    expect(await verify(short.secret)).toMatchObject({
      subject: 'greenroom:data-plane-dev-1',
    });
    expect(await issued.findByName(name)).toMatchObject({ scopes });
    // Another process starts with a token of its own; both are good until theirs is taken back.
    const other = await issued.lend({
      name: 'data-plane-dev-2',
      scopes,
      lifetimeMillis: 60_000,
    });
    await issued.takeBack(name);
    expect(await verify(short.secret)).toBeUndefined();
    expect(await verify(other.secret)).toBeDefined();
    expect(JSON.stringify(await knex('process_tokens'))).not.toContain(
      other.secret,
    );
    // They have no place where their use would be remembered.
    expect(written).toEqual([]);
    knex.off('query', onQuery);
  });

  it('stand in the configuration as one entry, which declares none', () => {
    const config = new ConfigReader({
      backend: {
        auth: {
          externalAccess: [{ type: 'greenroom', options: { from: 'portal' } }],
        },
      },
    });
    expect(readServiceTokens(config)).toEqual([]);
    expect(takesIssuedTokens(config)).toBe(true);
    expect(takesIssuedTokens(new ConfigReader({}))).toBe(false);
  });
});
