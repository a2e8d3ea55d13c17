import {
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import scaffolderPlugin from '@backstage/plugin-scaffolder-backend';
import githubModule from '@backstage/plugin-scaffolder-backend-module-github';
import greenroomModule from '@greenroom/plugin-scaffolder-backend-module-greenroom';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import request from 'supertest';
import { parse } from 'yaml';

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const EXAMPLES = path.resolve(__dirname, '../../../examples');

const read = (name: string) =>
  parse(readFileSync(path.join(EXAMPLES, name), 'utf8'));

/** Files of a folder, as a dry run takes them. */
function filesOf(folder: string) {
  return readdirSync(path.join(EXAMPLES, folder), {
    recursive: true,
    withFileTypes: true,
  })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => ({
      path: path.relative(EXAMPLES, path.join(parentPath, name)),
      base64Content: readFileSync(path.join(parentPath, name), 'base64'),
    }));
}

describe('software templates', () => {
  let backend: Awaited<ReturnType<typeof startTestBackend>>;

  beforeAll(async () => {
    const knex = await databases.init('POSTGRES_18');
    backend = await startTestBackend({
      features: [
        scaffolderPlugin,
        githubModule,
        greenroomModule,
        mockServices.database.factory({ knex }),
        catalogServiceMock.factory({ entities: [] }),
        mockServices.rootConfig.factory({
          data: { backend: { baseUrl: 'http://127.0.0.1' } },
        }),
      ],
    });
  });
  afterAll(() => backend?.stop());

  const dryRun = async (template: string, values: object, folder?: string) => {
    const { body } = await request(backend.server)
      .post('/api/scaffolder/v2/dry-run')
      .send({
        template: read(template),
        values,
        directoryContents: folder ? filesOf(folder) : [],
      })
      .expect(200);
    return body;
  };

  it('are those that the Location names', () => {
    const { targets } = read('templates.yaml').spec;
    expect(targets).toEqual(
      readdirSync(EXAMPLES)
        .filter(name => name.startsWith('template-'))
        .map(name => `./${name}`),
    );
  });

  it.each([
    'template-environments-repository.yaml',
    'template-promote-a-version.yaml',
  ])('%s gives its actions what they take', async template => {
    const { body } = await request(backend.server)
      .get('/api/scaffolder/v2/actions')
      .expect(200);
    for (const { action, input } of read(template).spec.steps) {
      const { schema } = body.find(({ id }: { id: string }) => id === action);
      const { properties, required = [] } = schema.input;
      expect(Object.keys(properties)).toEqual(
        expect.arrayContaining(Object.keys(input)),
      );
      expect(Object.keys(input)).toEqual(expect.arrayContaining(required));
    }
  });

  it('make a whole environments repository, without the manifests of the example', async () => {
    const { directoryContents, log } = await dryRun(
      'template-environments-repository.yaml',
      {
        repoUrl: 'github.com?owner=acme&repo=environments',
        portalUrl: 'https://portal.example.com',
        environments: ['dev', 'production'],
      },
      'gitops-environments',
    );
    const made = directoryContents.map((file: { path: string }) => file.path);
    expect(made.sort()).toEqual(
      filesOf('gitops-environments')
        .map(file => file.path.replace('gitops-environments/', ''))
        .filter(file => !file.startsWith('environments/'))
        .concat('environments/.gitkeep')
        .sort(),
    );
    const text = JSON.stringify(log);
    expect(text).toContain('publish:github');
    expect(text).toContain('github:environment:create');
  });

  it('promote in the name of whoever uses them', async () => {
    const { log } = await dryRun('template-promote-a-version.yaml', {
      model: 'resource:default/digits',
      version: 3,
      environment: 'staging',
      reason: 'It reads sevens better',
    });
    expect(JSON.stringify(log)).toContain('greenroom:promote');
  });
});
