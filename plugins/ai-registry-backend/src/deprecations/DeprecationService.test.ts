import { mockCredentials } from '@backstage/backend-test-utils';
import { ChangeLog } from '@greenroom/ai-node';
import type { Knex } from 'knex';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import type { Announcement } from '../events/announcement';
import { ModelStore } from '../models/ModelStore';
import { VersionStore } from '../versions/VersionStore';
import { DefaultDeprecationService } from './DeprecationService';
import { DeprecationStore } from './DeprecationStore';

jest.setTimeout(60_000);

const databases = registryDatabases();
const options = { credentials: mockCredentials.user('user:default/ada') };
const message = 'Use another.';

describe('DefaultDeprecationService', () => {
  let knex: Knex;
  let models: ModelStore;
  let store: DeprecationStore;
  let service: DefaultDeprecationService;

  beforeAll(async () => {
    knex = await databases.open();
    models = new ModelStore({ knex });
    store = new DeprecationStore({ knex });
    service = new DefaultDeprecationService({
      deprecations: store,
      models,
      versions: new VersionStore({ knex }),
      changes: new ChangeLog<Announcement>({ knex }),
      clock: () => new Date('2026-11-27T12:00:00Z'),
    });
  });

  async function createModel(name: string, versions = 2): Promise<string> {
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
      for (let count = 0; count < versions; count += 1) {
        await new VersionStore({ knex }).insert(tx, {
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

  it('keeps since when it is deprecated while other things are changed', async () => {
    const model = await createModel('kept');
    const first = await service.put({ model }, { message }, options);
    const sunsetAt = '2027-01-31T00:00:00.000Z';
    const second = await service.put({ model }, { message, sunsetAt }, options);
    expect(second).toEqual({ ...first, sunsetAt });
    // What is left out is taken away.
    expect(await service.put({ model }, { message }, options)).toEqual(first);
  });

  it('tells a model as a whole from its versions, and lists them together', async () => {
    const model = await createModel('apart');
    const other = await createModel('other');
    await service.put({ model, version: 2 }, { message }, options);
    expect((await models.get(model)).deprecation).toBeUndefined();
    await service.put(
      { model },
      { message, replacement: { model: other, version: 1 } },
      options,
    );
    expect(await store.listOf([model, other])).toMatchObject([
      { model, replacement: { model: other, version: 1 } },
      { model, version: 2 },
    ]);
    await service.withdraw({ model }, options);
    const [left, ...rest] = await store.listOf([model, other]);
    expect(left).toMatchObject({ model, version: 2, message });
    expect(rest).toEqual([]);
  });

  it('says what is not there', async () => {
    const model = await createModel('there');
    await expect(
      service.put({ model: 'absent' }, { message }, options),
    ).rejects.toThrow("no model 'absent'");
    await expect(
      service.put({ model, version: 3 }, { message }, options),
    ).rejects.toThrow("no version 3 of model 'there'");
    for (const replacement of [
      { model: 'absent' },
      { model: await createModel('short', 1), version: 2 },
    ]) {
      await expect(
        service.put({ model }, { message, replacement }, options),
      ).rejects.toThrow('replacement: there is no');
    }
    await expect(service.withdraw({ model }, options)).rejects.toThrow(
      'nothing to take back',
    );
    // Nothing of what was refused is left.
    expect(await store.listOf([model])).toEqual([]);
    expect(
      await knex('audit_entries').where({ model }).whereLike('action', '%dep%'),
    ).toEqual([]);
  });

  it('takes one of two that name each other at the same time', async () => {
    const [one, other] = [await createModel('one'), await createModel('two')];
    const results = await Promise.allSettled([
      service.put(
        { model: one },
        { message, replacement: { model: other } },
        options,
      ),
      service.put(
        { model: other },
        { message, replacement: { model: one } },
        options,
      ),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'rejected',
    ]);
    const version = { model: one, version: 1 };
    // A version of a deprecated model is no replacement either.
    const deprecated = (await store.listOf([one, other]))[0].model;
    await expect(
      service.put(
        { model: await createModel('three') },
        { message, replacement: { model: deprecated, version: 1 } },
        options,
      ),
    ).rejects.toThrow('is deprecated itself');
    expect(await store.find(version)).toBeUndefined();
  });
});
