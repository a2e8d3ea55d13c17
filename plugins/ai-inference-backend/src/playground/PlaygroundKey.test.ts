import { TestDatabases } from '@backstage/backend-test-utils';
import { createHash } from 'node:crypto';
import { KeyStore } from '../keys/KeyStore';
import { createStores } from '../__testUtils__/createStores';
import { FakeRegistry } from '../__testUtils__/FakeRegistry';
import { PlaygroundKey } from './PlaygroundKey';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe('PlaygroundKey', () => {
  let registry: FakeRegistry;
  beforeEach(async () => {
    registry = await FakeRegistry.start();
  });
  afterEach(() => registry.stop());

  it('is renewed in time, and used once data planes know it', async () => {
    const { knex, clock, sleep } = await createStores({
      knex: await databases.init('POSTGRES_18'),
      registry,
    });
    const keys = new KeyStore({ knex });
    const key = new PlaygroundKey({ keys, clock });
    const granted = async () =>
      (await keys.listGrants(clock())).map(({ grant }) => grant?.sha256);
    const hash = () =>
      createHash('sha256').update(String(key.secret)).digest('hex');

    expect(key.secret).toBeUndefined();
    await key.renew();
    const first = key.secret;
    expect(await granted()).toEqual([hash()]);
    await key.renew();
    expect(await granted()).toHaveLength(1);

    sleep(31 * 60);
    await key.renew();
    expect(await granted()).toHaveLength(2);
    expect(key.secret).toBe(first);
    sleep(11);
    expect(key.secret).not.toBe(first);
    expect(await granted()).toContain(hash());

    sleep(30 * 60);
    await key.renew();
    expect(await granted()).toContain(hash());
    expect((await keys.list({ limit: 10 })).items).toEqual([]);
  });
});
