import { DEFAULT_ENVIRONMENTS } from '@greenroom/plugin-ai-registry-common';
import { mockCredentials } from '@backstage/backend-test-utils';
import fc from 'fast-check';
import type { Knex } from 'knex';
import { ChangeLog } from '@greenroom/ai-node';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import type { Announcement, RegistryChanges } from '../events/announcement';
import { ModelStore } from '../models/ModelStore';
import { VersionStore } from '../versions/VersionStore';
import { DefaultAliasService } from './AliasService';
import { AliasStore } from './AliasStore';

jest.setTimeout(60_000);

const databases = registryDatabases();

const options = { credentials: mockCredentials.user('user:default/ada') };

describe('DefaultAliasService', () => {
  let knex: Knex;
  let changes: RegistryChanges;
  let models: ModelStore;
  let service: DefaultAliasService;

  beforeAll(async () => {
    knex = await databases.open();
    changes = new ChangeLog<Announcement>({ knex });
    models = new ModelStore({ knex });
    service = new DefaultAliasService({
      environments: DEFAULT_ENVIRONMENTS,
      aliases: new AliasStore({ knex }),
      models,
      versions: new VersionStore({ knex }),
      changes,
    });
  });

  /** A model with versions 1 to 3. */
  async function createModel(name: string): Promise<string> {
    const versions = new VersionStore({ knex });
    await knex.transaction(async tx => {
      await models.insert(tx, {
        name,
        externalName: name,
        title: name,
        description: '',
        task: 'regression',
        owner: 'group:default/health-team',
        tags: {},
        createdBy: 'user:default/ada',
      });
      for (let count = 0; count < 3; count += 1) {
        await versions.insert(tx, {
          model: name,
          version: await models.takeVersionNumber(tx, name),
          description: '',
          format: 'onnx',
          digest: `sha256:${'a'.repeat(64)}`,
          servability: { state: 'not-tried', reason: 'Made up for a test.' },
          sizeBytes: 1,
          signature: { inputs: [], outputs: [] },
          tags: {},
          source: {},
          createdBy: 'user:default/ada',
        });
      }
    });
    return name;
  }

  const moveByGit = (model: string, version?: number) =>
    changes.transaction(tx =>
      service.moveByGit(tx, {
        model,
        environment: 'production',
        version,
        changedBy: 'user:default/grace',
        reason: 'Merged',
        promotionId: 'p1',
      }),
    );

  const databaseTime = async () => {
    const { rows } = await knex.raw('select clock_timestamp() as now');
    return rows[0].now as Date;
  };

  it.each(['latest', 'v1', 'V2', '12'])(
    'refuses %s, which means something else; what is there may be read and removed',
    async alias => {
      const model = await createModel(`named-${alias.toLowerCase()}`);
      const reason = 'Looks handy';
      await expect(
        service.set({ model, alias, version: 1, reason }, options),
      ).rejects.toThrow(new RegExp(`alias: '${alias}' .* such as champion`));
      await knex.transaction(tx =>
        new AliasStore({ knex }).move(tx, {
          model,
          alias,
          version: 2,
          changedBy: 'user:default/ada',
          reason: 'From before the name was reserved',
        }),
      );
      expect((await service.get({ model, alias })).version).toBe(2);
      await expect(
        service.set({ model, alias, version: 3, reason }, options),
      ).rejects.toThrow(/such as champion/);
      await service.remove({ model, alias, reason }, options);
      await expect(service.get({ model, alias })).rejects.toThrow(
        /points at no version/,
      );
    },
  );

  it('answers for every moment of any history', async () => {
    const model = await createModel('any-history');
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
          {
            minLength: 1,
            maxLength: 8,
          },
        ),
        async moves => {
          round += 1;
          const alias = `round-${round}`;
          const pointed: { at: Date; version?: number }[] = [];
          for (const version of moves) {
            const change = { model, alias, reason: 'Because' };
            if (version !== undefined) {
              await service.set({ ...change, version }, options);
            } else if (pointed.at(-1)?.version !== undefined) {
              await service.remove(change, options);
            }
            await new Promise(resolve => setTimeout(resolve, 2));
            pointed.push({ at: await databaseTime(), version });
            await new Promise(resolve => setTimeout(resolve, 2));
          }
          for (const { at, version } of pointed) {
            const found = await service
              .get({ model, alias, at })
              .catch(() => undefined);
            expect(found?.version).toBe(version);
          }
          const { aliases } = await models.get(model);
          expect(aliases.find(each => each.alias === alias)?.version).toBe(
            moves.at(-1),
          );
        },
      ),
      { numRuns: 15 },
    );
  });

  it('lets Git move an environment, and again without effect', async () => {
    const model = await createModel('by-git');
    await expect(moveByGit(model, 1)).resolves.toBe(true);
    await expect(moveByGit(model, 2)).resolves.toBe(true);
    const { updatedAt } = await models.get(model);
    await expect(moveByGit(model, 2)).resolves.toBe(false);
    await expect(models.get(model)).resolves.toMatchObject({
      updatedAt,
      aliases: [{ alias: 'production', version: 2 }],
    });
    await expect(moveByGit(model, undefined)).resolves.toBe(true);
    await expect(moveByGit(model, undefined)).resolves.toBe(false);
    const { items: history } = await service.history(model);
    expect(
      history.map(({ version, previousVersion, promotionId, changedBy }) => ({
        version,
        previousVersion,
        promotionId,
        changedBy,
      })),
    ).toEqual(
      [
        { version: undefined, previousVersion: 2 },
        { version: 2, previousVersion: 1 },
        { version: 1, previousVersion: undefined },
      ].map(move => ({
        ...move,
        promotionId: 'p1',
        changedBy: 'user:default/grace',
      })),
    );
  });

  it('gives a long history in pages, and the versions of an alias without it', async () => {
    const model = await createModel('long');
    for (const version of [1, 2, 3, 2, 1]) {
      await service.set(
        { model, alias: 'best', version, reason: 'Better' },
        options,
      );
    }
    const seen: (number | undefined)[] = [];
    let cursor: string | undefined;
    do {
      const page = await service.history(model, { limit: 2, cursor });
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ version }) => version));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual([1, 2, 3, 2, 1]);
    await expect(
      new AliasStore({ knex }).versionsOf({ model, alias: 'best' }),
    ).resolves.toEqual([1, 2, 3]);
  });

  it('leaves nothing behind when the transaction around it fails', async () => {
    const model = await createModel('rolled-back');
    await expect(
      changes.transaction(async tx => {
        await service.moveByGit(tx, {
          model,
          environment: 'staging',
          version: 1,
          changedBy: 'user:default/grace',
          reason: 'Merged',
        });
        throw new Error('crash');
      }),
    ).rejects.toThrow('crash');
    await expect(service.history(model)).resolves.toEqual({ items: [] });
    await expect(knex('audit_entries').where({ model })).resolves.toEqual([]);
  });

  it('moves one after the other when two want to at once', async () => {
    const model = await createModel('contended');
    await Promise.all(
      [1, 2, 3, 1, 2, 3].map(version =>
        service.set({ model, alias: 'best', version, reason: 'Mine' }, options),
      ),
    );
    const { items: history } = await service.history(model);
    history.slice(0, -1).forEach((change, index) => {
      expect(change.previousVersion).toBe(history[index + 1].version);
      expect(history[index + 1].validTo).toBe(change.validFrom);
    });
  });

  it('refuses unknown models and versions, and aliases that point nowhere', async () => {
    const model = await createModel('refusing');
    const change = { model, alias: 'best', reason: 'Because' };
    await expect(
      service.set({ ...change, version: 4 }, options),
    ).rejects.toMatchObject({ name: 'InputError' });
    await expect(
      service.set({ ...change, model: 'nobody', version: 1 }, options),
    ).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(service.remove(change, options)).rejects.toMatchObject({
      name: 'NotFoundError',
    });
    await expect(
      service.remove({ ...change, alias: 'dev' }, options),
    ).rejects.toMatchObject({ name: 'NotAllowedError' });
    await expect(service.history('nobody')).rejects.toMatchObject({
      name: 'NotFoundError',
    });
  });

  it('cannot rewrite history, not even with SQL', async () => {
    const model = await createModel('unchangeable');
    await moveByGit(model, 1);
    await expect(
      knex('alias_changes').where({ model }).update({ reason: 'Other' }),
    ).rejects.toThrow(/alias_changes is append-only/);
    await expect(
      knex('audit_entries').where({ model }).delete(),
    ).rejects.toThrow(/audit_entries_\d{4}_\d{2} is append-only/);
  });
});
