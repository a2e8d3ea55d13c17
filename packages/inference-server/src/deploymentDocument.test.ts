import SwaggerParser from '@apidevtools/swagger-parser';
import {
  describeDeployment,
  type DescribedDeployment,
  LANGUAGE_PATHS,
  type LanguageTask,
  type OpenApiDocument,
  toContract,
} from '@greenroom/plugin-ai-inference-common';
import type { ModelSchema } from '@greenroom/plugin-ai-registry-common';
import Ajv from 'ajv/dist/2020';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_MODELS } from './testing/allModels';
import { addEmbedder, EMBEDDER, embedderSignature } from './testing/embedder';
import { CONTROL_PLANE_TOKEN } from './testing/FakeControlPlane';
import {
  CLASSIFIER_SCHEMA,
  type FixtureName,
  keyOf,
  routeOf,
  SIGNATURES,
  snapshotOf,
  variantOf,
} from './testing/fixtures';
import { type Answer, TestServer } from './testing/startTestServer';

jest.setTimeout(60_000);

const SCHEMAS: Partial<Record<FixtureName, ModelSchema>> = {
  classifier: CLASSIFIER_SCHEMA,
};

const LANGUAGE = {
  formatVersion: 1,
  task: 'embeddings',
  pooling: 'mean',
  normalize: true,
  maxTokens: 24,
};

/** JSON has no form for FP16. */
const WITH_EXAMPLE = ALL_MODELS.filter(name => name !== 'identity-fp16');

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.create();
  const { controlPlane } = server;
  const embedder = addEmbedder(controlPlane, {
    files: {
      'model.onnx': readFileSync(join(EMBEDDER, 'model.onnx')),
      'tokenizer.json': readFileSync(join(EMBEDDER, 'tokenizer.json')),
      'language.json': JSON.stringify(LANGUAGE),
    },
    signature: embedderSignature(4),
  });
  controlPlane.snapshot = snapshotOf(
    [
      ...ALL_MODELS.map(name =>
        routeOf(name, [variantOf(name, { schema: SCHEMAS[name] })]),
      ),
      routeOf('sentences', [embedder]),
    ],
    [keyOf('gr_all', ['*'])],
  );
  await server.start();
});

afterAll(() => server.close());

function deploymentOf(
  name: FixtureName | 'sentences',
  more: Partial<DescribedDeployment> = {},
): DescribedDeployment {
  const isEmbedder = name === 'sentences';
  return {
    title: `${name} in Production`,
    description: 'Made for a test.',
    model: name,
    environment: 'Production',
    versions: [
      {
        version: 1,
        sharePercent: 100,
        contract: toContract(
          isEmbedder
            ? { signature: embedderSignature(4) }
            : { signature: SIGNATURES[name], schema: SCHEMAS[name] },
          { embeds: isEmbedder },
        ),
      },
    ],
    addresses: [server.url],
    ...more,
  };
}

/** Holds bodies against what the document says of them. */
class Reader {
  readonly #ajv = new Ajv({ strict: false, validateFormats: false });

  constructor(readonly document: OpenApiDocument) {
    this.#ajv.addSchema(document, 'api');
  }

  #pointer(path: string): string {
    return `api#/paths/${path.replace(/\//g, '~1')}/post`;
  }

  problemsOfRequest(path: string, body: unknown): string {
    return this.#problems(
      `${this.#pointer(path)}/requestBody/content/application~1json/schema`,
      body,
    );
  }

  problemsOfAnswer(path: string, { status, json }: Answer): string {
    const named = this.document.paths[path].post?.responses[status];
    if (!named) return `${status} is not in the document`;
    const at =
      '$ref' in named
        ? `api${named.$ref}`
        : `${this.#pointer(path)}/responses/${status}`;
    return this.#problems(`${at}/content/application~1json/schema`, json);
  }

  exampleOf(path: string) {
    const body = this.document.paths[path].post?.requestBody as {
      content: { 'application/json': { example?: Record<string, any> } };
    };
    return body.content['application/json'].example;
  }

  #problems(ref: string, value: unknown): string {
    const holds = this.#ajv.getSchema(ref);
    if (!holds) throw new Error(`nothing is at ${ref}`);
    return holds(value) ? '' : JSON.stringify(holds.errors);
  }
}

function read(name: FixtureName | 'sentences') {
  return new Reader(describeDeployment(deploymentOf(name)));
}

/** A copy, since the validator resolves what it is given in place. */
async function validate(document: OpenApiDocument): Promise<void> {
  await SwaggerParser.validate(JSON.parse(JSON.stringify(document)));
}

describe('the document of a deployment', () => {
  it.each([...WITH_EXAMPLE, 'sentences' as const])(
    'of %s is OpenAPI, and its example is answered as it says',
    async name => {
      const reader = read(name);
      await validate(reader.document);
      const path = `/v2/models/${name}/infer`;
      const example = reader.exampleOf(path);
      expect(reader.problemsOfRequest(path, example)).toBe('');
      const answer = await server.infer(name, example);
      // It needs longer sequences, which no signature says.
      expect(answer.status).toBe(name === 'sequence' ? 422 : 200);
      expect(reader.problemsOfAnswer(path, answer)).toBe('');
    },
  );

  it('takes several rows, nested or flat, and refuses what the data plane refuses', async () => {
    const reader = read('linear-1');
    const path = '/v2/models/linear-1/infer';
    const x = (changes: object) => ({
      inputs: [
        {
          name: 'x',
          datatype: 'FP32',
          shape: [1, 3],
          data: [1, 2, 3],
          ...changes,
        },
      ],
    });
    const taken = [
      x({}),
      x({
        shape: [2, 3],
        data: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      }),
    ];
    const refused = [
      x({ name: 'y' }),
      x({ datatype: 'FP64' }),
      x({ shape: [1, 4], data: [1, 2, 3, 4] }),
      x({ shape: [3] }),
      x({ data: ['a', 'b', 'c'] }),
      { inputs: [] },
      {},
    ];
    for (const body of taken) {
      expect(reader.problemsOfRequest(path, body)).toBe('');
      expect(await server.infer('linear-1', body)).toMatchObject({
        status: 200,
      });
    }
    for (const body of refused) {
      expect(reader.problemsOfRequest(path, body)).not.toBe('');
      const answer = await server.infer('linear-1', body);
      expect(answer.status).toBe(400);
      expect(reader.problemsOfAnswer(path, answer)).toBe('');
    }
  });

  it('has no example where JSON has no form for an input', async () => {
    const reader = read('identity-fp16');
    await validate(reader.document);
    const path = '/v2/models/identity-fp16/infer';
    expect(reader.exampleOf(path)).toBeUndefined();
    expect(reader.document.info.description).toContain('in binary');
  });

  it('needs each of several inputs', () => {
    const reader = read('pair');
    const path = '/v2/models/pair/infer';
    const { inputs } = reader.exampleOf(path) as { inputs: object[] };
    expect(
      reader.problemsOfRequest(path, { inputs: [...inputs].reverse() }),
    ).toBe('');
    expect(
      reader.problemsOfRequest(path, { inputs: [inputs[0], inputs[0]] }),
    ).not.toBe('');
  });

  it('says how a refusal without a key looks', async () => {
    const path = '/v2/models/linear-1/infer';
    const answer = await server.infer('linear-1', {}, { key: 'gr_unknown' });
    expect(answer.status).toBe(401);
    expect(read('linear-1').problemsOfAnswer(path, answer)).toBe('');
  });

  it('of a model that embeds texts has the way of OpenAI too', async () => {
    const reader = read('sentences');
    const path = LANGUAGE_PATHS.embeddings;
    const example = reader.exampleOf(path);
    expect(reader.problemsOfRequest(path, example)).toBe('');
    const send = (body: unknown) =>
      server.send(path, {
        method: 'POST',
        key: 'gr_all',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const answer = await send(example);
    expect(answer.status).toBe(200);
    expect(reader.problemsOfAnswer(path, answer)).toBe('');
    const refused = await send({ ...example, input: '' });
    expect(refused.status).toBe(400);
    expect(reader.problemsOfAnswer(path, refused)).toBe('');
  });

  it('has what every model tells of itself', async () => {
    const { document } = read('classifier');
    for (const [path, { get }] of Object.entries(document.paths)) {
      if (!get) continue;
      const { status } = await server.send(path, { key: 'gr_all' });
      expect(get.responses).toHaveProperty(String(status));
      expect(status).toBe(200);
    }
  });

  it('of a model of texts has what it can be asked for, and nothing else', async () => {
    const tasks: LanguageTask[] = ['chat', 'completions'];
    const deployment = deploymentOf('linear-1', {
      versions: [
        { version: 1, sharePercent: 100, contract: { featureCount: 0, tasks } },
      ],
    });
    const document = describeDeployment(deployment);
    await validate(document);
    expect(Object.keys(document.paths)).toEqual([
      '/v1/chat/completions',
      '/v1/completions',
      '/v2/models/linear-1',
      '/v2/models/linear-1/ready',
    ]);
    const reader = new Reader(document);
    for (const task of tasks) {
      const path = LANGUAGE_PATHS[task];
      const example = reader.exampleOf(path);
      expect(reader.problemsOfRequest(path, example)).toBe('');
      expect(
        reader.problemsOfRequest(path, { ...example, model: 'other' }),
      ).not.toBe('');
    }
  });
});

test('the token of the control plane is in no document', () => {
  const documents = ALL_MODELS.map(name => read(name).document);
  expect(JSON.stringify(documents)).not.toContain(CONTROL_PLANE_TOKEN);
});
