import { TestDatabases } from '@backstage/backend-test-utils';
import request from 'supertest';
import { ask, nameOf } from './__testUtils__/ask';
import { type Existing, MATRIX } from './__testUtils__/matrix';
import { headerOf, type Role } from './__testUtils__/roles';
import { startBackend } from './__testUtils__/startBackend';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const VERSIONS = '/api/ai-registry/models/digits/versions';

/** Such as the program of a training job. */
describe('a program that may register versions of a model', () => {
  let backend: Awaited<ReturnType<typeof startBackend>>;
  let existing: Existing;

  beforeAll(async () => {
    backend = await startBackend(databases);
    existing = await backend.existing();
  });
  afterAll(() => backend?.stop());

  const send = (
    role: Role,
    method: 'post' | 'patch',
    address: string,
    body: object,
  ) =>
    request(backend.server)
      [method](address)
      .set('Authorization', String(headerOf(role, 'ai-registry')))
      .send(body);

  it('changes nothing else', async () => {
    const changing = MATRIX.filter(
      ({ route, may }) =>
        !/^GET |-searches$/.test(route) && !may.includes('plainToken'),
    );
    expect(changing.length).toBeGreaterThan(80);
    const may: string[] = [];
    for (const question of changing) {
      const outcome = await ask(backend, existing, {
        role: 'registrar',
        question,
      });
      if (outcome !== 'refused') may.push(`${nameOf(question)}: ${outcome}`);
    }
    expect(may).toEqual([
      'POST /ai-registry/models/:model/versions: may',
      'POST /ai-registry/versions: may',
    ]);
  });

  it('registers versions, and says more of those that it has registered', async () => {
    const { digest } = existing;
    const made = await send('registrar', 'post', VERSIONS, { digest });
    expect(made.body).toMatchObject({ model: 'digits' });
    const own = `${VERSIONS}/${made.body.version}`;
    const changes = { description: 'of the second epoch' };
    const evaluation = {
      dataset: { name: 'rows', digest: `sha256:${'1'.repeat(64)}`, rows: 10 },
      metrics: { accuracy: 0.9 },
      primary: { name: 'accuracy', higherIsBetter: true },
    };
    expect((await send('registrar', 'patch', own, changes)).status).toBe(200);
    expect(
      (await send('registrar', 'post', `${own}/evaluations`, evaluation))
        .status,
    ).toBe(201);
    const refused = await send('registrar', 'patch', `${VERSIONS}/1`, changes);
    expect(refused.status).toBe(403);
    expect(refused.body.error.message).toMatch(
      /^You may change versions of model 'digits' that you have registered yourself, and version 1 was registered by '.+': that needs the permission 'ai-registry.model.update' on 'digits'$/,
    );
    // Who may change the model may change it, whoever has registered it.
    expect((await send('owner', 'patch', own, changes)).status).toBe(200);
  });
});
