import { mockServices } from '@backstage/backend-test-utils';
import type { TemplateSpec } from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';
import { createJobHarness } from '../jobs/__testUtils__/createJobHarness';
import { TemplateStore } from '../templates/TemplateStore';
import { ForwardedJobService } from './ForwardedJobService';

jest.setTimeout(120_000);

const databases = trainingDatabases();
const VISION = { keyId: 'key-1', owner: 'group:default/vision' };
const OTHERS = { keyId: 'key-2', owner: 'group:default/others' };

describe('ForwardedJobService', () => {
  let knex: Knex;
  let harness: Awaited<ReturnType<typeof createJobHarness>>;
  /** Owners of what the registry has. */
  let owners: Record<string, string>;

  beforeAll(async () => {
    knex = await databases.open();
  });
  afterEach(() => harness.clear());

  async function open(spec: Partial<TemplateSpec> = {}) {
    owners = {
      'dataset digits-train': VISION.owner,
      'model digits': VISION.owner,
    };
    harness = await createJobHarness(knex, { spec });
    return new ForwardedJobService({
      jobs: harness.service,
      templates: new TemplateStore({ knex }),
      registry: { ownerOf: async (kind, name) => owners[`${kind} ${name}`] },
      auth: mockServices.auth({ pluginId: 'ai-training' }),
    });
  }

  it('submits, shows, ends and retries jobs of the owner of the key, and says that it was the key', async () => {
    const service = await open();
    const wanted = { template: 'digits', requestId: 'once' };
    const job = await service.submit(wanted, VISION);
    expect(job).toMatchObject({
      submittedBy: 'key:key-1',
      team: VISION.owner,
    });
    expect((await service.submit(wanted, VISION)).id).toBe(job.id);
    expect((await service.list({}, VISION)).items).toMatchObject([
      { id: job.id },
    ]);
    await service.cancel(job.id, VISION);
    await harness.pass();
    expect(await service.get(job.id, VISION)).toMatchObject({
      state: { phase: 'cancelled', by: 'key:key-1' },
    });
    await service.retry(job.id, VISION);
    expect(
      await service.readLog(job.id, { fromByte: 0, mostBytes: 9 }, VISION),
    ).toMatchObject({ attempt: 0 });
    const entries = await knex('audit_entries')
      .where({ subject: job.id })
      .orderBy('id')
      .select('actor', 'action');
    expect(entries.slice(0, 2)).toEqual([
      { actor: 'key:key-1', action: 'training-job-submitted' },
      { actor: 'key:key-1', action: 'training-job-cancelled' },
    ]);
    expect(entries.at(-1)).toEqual({
      actor: 'key:key-1',
      action: 'training-job-retried',
    });
  });

  it('tells holders of other keys nothing of them, not even that there are some', async () => {
    const service = await open();
    const { id } = await service.submit({ template: 'digits' }, VISION);
    const none = `There is no training job '${id}'`;
    expect((await service.list({}, OTHERS)).items).toEqual([]);
    await expect(service.get(id, OTHERS)).rejects.toThrow(none);
    await expect(service.cancel(id, OTHERS)).rejects.toThrow(none);
    await expect(service.retry(id, OTHERS)).rejects.toThrow(none);
    await expect(
      service.readLog(id, { fromByte: 0, mostBytes: 9 }, OTHERS),
    ).rejects.toThrow(none);
    for (const template of ['digits', 'none']) {
      await expect(service.submit({ template }, OTHERS)).rejects.toThrow(
        `'${OTHERS.owner}' has no training template '${template}'`,
      );
    }
    expect((await service.get(id, VISION)).state.phase).toBe('queued');
  });

  it('reads no dataset of others, and adds to no model of theirs', async () => {
    const service = await open({ model: 'digits' });
    owners['dataset digits-train'] = OTHERS.owner;
    await expect(
      service.submit({ template: 'digits' }, VISION),
    ).rejects.toThrow(
      "datasets.rows: the dataset 'digits-train' does not belong to 'group:default/vision'",
    );
    owners['dataset digits-train'] = VISION.owner;
    owners['model digits'] = OTHERS.owner;
    await expect(
      service.submit({ template: 'digits' }, VISION),
    ).rejects.toThrow(
      "spec.model: the model 'digits' does not belong to 'group:default/vision'",
    );
    expect((await service.list({}, VISION)).items).toEqual([]);
    owners['model digits'] = VISION.owner;
    await service.submit({ template: 'digits' }, VISION);
  });

  it('uses no quota of others, and clones and resumes no job of theirs', async () => {
    const service = await open();
    await expect(
      service.submit({ template: 'digits', team: OTHERS.owner }, VISION),
    ).rejects.toThrow('team: ');
    const { id } = await service.submit({ template: 'digits' }, VISION);
    await knex('training_jobs')
      .where({ id })
      .update({
        spec: knex.raw(`jsonb_set(spec, '{owner}', ?::jsonb)`, [
          JSON.stringify(OTHERS.owner),
        ]),
      });
    for (const from of ['cloneOf', 'resumeOf']) {
      await expect(
        service.submit({ template: 'digits', [from]: id }, VISION),
      ).rejects.toThrow(`There is no training job '${id}'`);
    }
  });
});
