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
import { parseTrainingTemplate } from '@greenroom/manifest';
import { MODEL_TASKS } from '@greenroom/plugin-ai-registry-common';

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
    'template-new-model-project.yaml',
    'template-promote-a-version.yaml',
    'template-register-a-model.yaml',
    'template-train-a-model.yaml',
  ])('%s gives its actions what they take', async template => {
    const { body } = await request(backend.server)
      .get('/api/scaffolder/v2/actions')
      .expect(200);
    for (const { action, input } of read(template).spec.steps) {
      const { schema } = body.find(({ id }: { id: string }) => id === action);
      // Of an action that takes one of several inputs, that which has what is given.
      const inputs = schema.input.anyOf ?? schema.input.oneOf ?? [schema.input];
      const { properties, required = [] } =
        inputs.find((one: { properties: object }) =>
          Object.keys(input).every(name => name in one.properties),
        ) ?? inputs[0];
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

  it('train in the name of whoever uses them', async () => {
    const { log } = await dryRun('template-train-a-model.yaml', {
      template: 'digits',
      parameters: { epochs: '5' },
      wait: true,
    });
    expect(JSON.stringify(log)).toContain('greenroom:train');
  });

  const values = {
    name: 'iris',
    title: "Iris: the 'flowers'",
    owner: 'group:default/vision',
    description: 'Tells flowers apart: by "petals" & sepals',
    repoUrl: 'github.com?owner=acme&repo=iris-model',
    portalUrl: 'https://portal.example.com',
  };

  it('make a model project in which nothing is left to fill in', async () => {
    const { directoryContents, log } = await dryRun(
      'template-new-model-project.yaml',
      values,
      'model-project',
    );
    const made = new Map<string, string>(
      directoryContents.map((file: { path: string; base64Content: string }) => [
        file.path,
        Buffer.from(file.base64Content, 'base64').toString(),
      ]),
    );
    expect([...made.keys()].sort()).toEqual(
      filesOf('model-project')
        .map(file => file.path.replace('model-project/', ''))
        .sort(),
    );
    // Workflows have expressions of their own.
    const isOfGitHub = ([name]: [string, string]) =>
      name.startsWith('.github/');
    for (const [name, content] of [...made].filter(isOfGitHub)) {
      expect(content).toBe(
        readFileSync(path.join(EXAMPLES, 'model-project', name), 'utf8'),
      );
    }
    for (const [, content] of [...made].filter(file => !isOfGitHub(file))) {
      expect(content).not.toMatch(/\$\{\{|undefined/);
    }
    expect(parse(made.get('catalog-info.yaml')!)).toMatchObject({
      metadata: {
        name: 'iris-training',
        title: "Training of Iris: the 'flowers'",
        description: values.description,
      },
      spec: { dependencyOf: ['resource:default/iris'] },
    });
    expect(parse(made.get('mkdocs.yml')!).site_name).toBe(values.title);
    expect(made.get('README.md')).toContain("repository: 'acme/iris-model'");
    expect(made.get('model.env')).toContain('MODEL=iris\n');
    expect(
      parseTrainingTemplate(made.get('greenroom/train.yaml')!, 'train.yaml'),
    ).toMatchObject({
      name: 'iris',
      title: values.title,
      description: values.description,
      owner: values.owner,
      experiment: 'iris',
      program: { command: expect.arrayContaining(['--trees={{ trees }}']) },
    });
    const text = JSON.stringify(log);
    expect(text).toContain('publish:github');
    expect(text).toContain('catalog:register');
  });

  it('have a model project register with the action that is published', () => {
    const files = (folder: string) =>
      readdirSync(folder).map(name => [
        name,
        readFileSync(path.join(folder, name), 'utf8'),
      ]);
    expect(
      files(
        path.join(EXAMPLES, 'model-project/.github/actions/register-model'),
      ),
    ).toEqual(files(path.resolve(EXAMPLES, '../deploy/github/register-model')));
  });

  it('have a name for a model project that its training template may have, or say what is wrong with it', async () => {
    const { directoryContents } = await dryRun(
      'template-new-model-project.yaml',
      { ...values, name: 'true' },
      'model-project',
    );
    const { base64Content } = directoryContents.find(
      (file: { path: string }) => file.path === 'greenroom/train.yaml',
    );
    expect(
      parseTrainingTemplate(
        Buffer.from(base64Content, 'base64').toString(),
        'train.yaml',
      ),
    ).toMatchObject({ name: 'true', experiment: 'true' });

    const { body } = await request(backend.server)
      .post('/api/scaffolder/v2/dry-run')
      .send({
        template: read('template-new-model-project.yaml'),
        values: { ...values, name: '3d-parts' },
        directoryContents: [],
      })
      .expect(400);
    expect(JSON.stringify(body)).toMatch(/instance\.name.*does not match/);
    const [{ properties }] = read('template-new-model-project.yaml').spec
      .parameters;
    expect(properties.name.description).toContain('a letter first');
  });

  it('let a model have any task that there is', () => {
    const { parameters } = read('template-register-a-model.yaml').spec;
    expect(parameters[0].properties.task.enum).toEqual([...MODEL_TASKS]);
  });
});
