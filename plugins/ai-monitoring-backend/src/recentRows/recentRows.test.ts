import { TestDatabases } from '@backstage/backend-test-utils';
import { recordBatch, recordGroup } from '../__testUtils__/fixtures';
import { startPlugin } from '../__testUtils__/startPlugin';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const digits = { environment: 'production', model: 'digits' };

describe('recent rows', () => {
  let backend: Awaited<ReturnType<typeof startPlugin>>;
  afterEach(() => backend.stop());

  const batchOf = (sequence: number) =>
    recordBatch(
      ['digits', 'diabetes'].map(model =>
        recordGroup({ model, count: 3, startMillis: Date.now() - 1_000 }),
      ),
      { sequence },
    );

  it('are kept of a model whose manifest asks for it, and of no other', async () => {
    backend = await startPlugin(databases, { digits: { recentRows: true } });
    const { client, user, send } = backend;
    let rows: unknown[] = [];
    // Until it was heard of what is deployed.
    for (let sequence = 1; rows.length === 0; sequence++) {
      await send(batchOf(sequence)).expect(200);
      ({ items: rows } = await client.listRecentRows(digits, user));
    }
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({ version: 1, prediction: 'ill' });
    const few = await client.listRecentRows({ ...digits, limit: 2 }, user);
    expect(few.items).toEqual(rows.slice(0, 2));
    const other = { ...digits, model: 'diabetes' };
    expect((await client.listRecentRows(other, user)).items).toEqual([]);
  });

  it('are kept no more of a model that gets the tag personal', async () => {
    backend = await startPlugin(databases, { digits: { recentRows: true } });
    const { client, user, send, neighbours } = backend;
    const list = async () => (await client.listRecentRows(digits, user)).items;
    let sequence = 1;
    for (; (await list()).length === 0; sequence++) {
      await send(batchOf(sequence)).expect(200);
    }
    neighbours.tags = { personal: 'yes' };
    for (; (await list()).length > 0; sequence++) {
      await new Promise(resolve => setTimeout(resolve, 250));
    }
    await send(batchOf(sequence + 1)).expect(200);
    expect(await list()).toEqual([]);
  });

  it('are not for everybody', async () => {
    backend = await startPlugin(databases, { permitted: false });
    const { client, user } = backend;
    await expect(client.listRecentRows(digits, user)).rejects.toMatchObject({
      statusCode: 403,
    });
  });
});
