import type {
  Digest,
  ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';
import Ajv, { type ValidateFunction } from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMlBom, type MlBomFacts } from './describeMlBom';

const digestOf = (digit: string): Digest => `sha256:${digit.repeat(64)}`;

const PER_ROW = Array.from({ length: 100 }, (_, row) => (row % 5 ? 1 : 0));

const VERSION: ModelVersionDetail = {
  model: 'digits',
  version: 3,
  description: 'Trained on more rows.',
  format: 'onnx',
  digest: digestOf('a'),
  sizeBytes: 3_000,
  files: 2,
  modelFile: { irVersion: 10, opset: 22, producer: 'skl2onnx 1.20.0' },
  signature: {
    inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, 64] }],
    outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
  },
  evaluation: {
    dataset: { name: 'held-out digits', digest: digestOf('d'), rows: 100 },
    metrics: { accuracy: 0.8, loss: 0.4 },
    primary: { name: 'accuracy', higherIsBetter: true },
    perRow: PER_ROW,
    slices: [{ name: 'north', rows: [0, 1, 2, 3] }],
  },
  otherEvaluations: [
    {
      dataset: { name: 'held-out digits', digest: digestOf('d'), rows: 100 },
      metrics: { f1: 0.7 },
      primary: { name: 'f1', higherIsBetter: true },
      interval: [0.6, 0.8],
    },
  ],
  servability: { state: 'pending' },
  tags: { license: 'Apache-2.0 OR MIT' },
  source: {
    repository: 'https://github.com/acme/digits',
    commit: 'c'.repeat(40),
    path: 'train.py',
    run: 'https://github.com/acme/digits/actions/runs/42',
  },
  aliases: [],
  createdAt: '2026-11-30T10:00:00.000Z',
  createdBy: 'user:default/ada',
};

const FACTS: MlBomFacts = {
  model: {
    name: 'digits',
    title: 'Digits',
    task: 'classification',
    owner: 'group:default/vision-team',
    tags: {},
  },
  version: VERSION,
  files: [
    { path: 'model.onnx', digest: digestOf('1'), sizeBytes: 1_000 },
    { path: 'weights.bin', digest: digestOf('2'), sizeBytes: 2_000 },
  ],
  evaluations: 2,
  pageUrl: 'https://portal.example.com/ai-registry/models/digits/versions/3',
};

const factsOf = (changes: Partial<ModelVersionDetail>): MlBomFacts => ({
  ...FACTS,
  version: { ...VERSION, ...changes },
});

/** Of a provider's model, without what only files have. */
const EXTERNAL = {
  ...factsOf({
    format: 'external',
    external: {
      formatVersion: 1,
      connection: 'llm',
      model: 'gpt-5-mini',
      tasks: ['chat'],
      parameters: {},
      messages: [],
    },
    signature: undefined,
    modelFile: undefined,
    evaluation: undefined,
    otherEvaluations: undefined,
    tags: {},
    source: { repository: 'git@github.com:acme/bot.git', run: '42' },
  }),
  pageUrl: undefined,
};

describe('the bill of materials', () => {
  let validate: ValidateFunction;

  beforeAll(() => {
    // `npm test` fetches them, and leaves this test out where it cannot.
    const folder = process.env.GREENROOM_TEST_CYCLONEDX_SCHEMAS;
    if (!folder) throw new Error('run this test by npm test -- jest');
    const read = (name: string) =>
      JSON.parse(
        readFileSync(join(folder, `${name}.SNAPSHOT.schema.json`), 'utf8'),
      );
    // The schema has words of its own, which say how people are shown it.
    const ajv = new Ajv({ strict: false, allErrors: true });
    ajv.addFormat('date-time', text => !Number.isNaN(Date.parse(text)));
    ajv.addFormat('iri-reference', text =>
      URL.canParse(text, 'http://localhost'),
    );
    ajv.addFormat('uri', text => URL.canParse(text));
    ajv.addFormat('idn-email', /^\S+@\S+$/);
    for (const name of ['spdx', 'jsf-0.82']) {
      // As the schema of bills of materials calls it.
      const $id = `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`;
      ajv.addSchema({ ...read(name), $id });
    }
    validate = ajv.compile(read('bom-1.6'));
  });

  it.each<[string, MlBomFacts]>([
    ['a bundle', FACTS],
    ['a single file', { ...factsOf({ files: undefined }), files: [] }],
    ['a model of a provider', EXTERNAL],
    ['a licence that is not of SPDX', factsOf({ tags: { license: 'ours' } })],
    ['one without a word', { ...factsOf({ description: '' }), evaluations: 0 }],
  ])('is one by the published schema: of %s', (_what, facts) => {
    validate(describeMlBom(facts));
    expect(validate.errors ?? []).toEqual([]);
  });

  it('would be refused by that schema if it were none', () => {
    expect(validate({ ...describeMlBom(FACTS), serialNumber: '42' })).toBe(
      false,
    );
    expect(validate({ ...describeMlBom(FACTS), modelCard: {} })).toBe(false);
  });

  it('has a serial number of the version alone, and no time but its own', () => {
    const bom = describeMlBom(FACTS);
    expect(describeMlBom(FACTS)).toEqual(bom);
    expect(bom).toMatchObject({
      version: 3,
      metadata: { timestamp: VERSION.createdAt },
    });
    expect(describeMlBom({ ...FACTS, evaluations: 3 })).toMatchObject({
      serialNumber: bom.serialNumber,
      version: 4,
    });
    expect(
      describeMlBom(factsOf({ digest: digestOf('b') })).serialNumber,
    ).not.toBe(bom.serialNumber);
    expect(describeMlBom(factsOf({ version: 4 })).serialNumber).not.toBe(
      bom.serialNumber,
    );
  });

  it('says what the version is made of, and where it comes from', () => {
    const { metadata, components } = describeMlBom(FACTS);
    expect(metadata.component).toMatchObject({
      name: 'digits',
      version: '3',
      hashes: [{ alg: 'SHA-256', content: 'a'.repeat(64) }],
      licenses: [{ expression: 'Apache-2.0 OR MIT' }],
      pedigree: { commits: [{ uid: 'c'.repeat(40) }] },
      components: [
        { type: 'file', name: 'model.onnx' },
        {
          name: 'weights.bin',
          hashes: [{ alg: 'SHA-256', content: '2'.repeat(64) }],
        },
      ],
      externalReferences: [
        { type: 'vcs', url: 'https://github.com/acme/digits' },
        { type: 'build-meta', url: VERSION.source.run },
        { type: 'website', url: FACTS.pageUrl },
      ],
    });
    expect(components).toMatchObject([
      {
        type: 'data',
        name: 'held-out digits',
        hashes: [{ alg: 'SHA-256', content: 'd'.repeat(64) }],
      },
    ]);
  });

  it('has a model card with figures, how sure they are, and slices', () => {
    expect(describeMlBom(FACTS).metadata.component.modelCard).toEqual({
      modelParameters: {
        task: 'classification',
        datasets: [{ ref: `dataset:${digestOf('d')}` }],
        inputs: [{ format: 'X: FP32 [-1, 64]' }],
        outputs: [{ format: 'label: INT64 [-1]' }],
      },
      quantitativeAnalysis: {
        performanceMetrics: [
          {
            type: 'accuracy',
            value: '0.8',
            // Wilson's interval of 80 of 100.
            confidenceInterval: {
              lowerBound: expect.stringMatching(/^0\.711/),
              upperBound: expect.stringMatching(/^0\.866/),
            },
          },
          { type: 'loss', value: '0.4' },
          {
            type: 'accuracy',
            value: '0.75',
            slice: 'north',
            confidenceInterval: expect.any(Object),
          },
          {
            type: 'f1',
            value: '0.7',
            confidenceInterval: { lowerBound: '0.6', upperBound: '0.8' },
          },
        ],
      },
    });
  });

  it('names the model of a provider without a digest, which nobody knows', () => {
    const { components, dependencies, metadata } = describeMlBom(EXTERNAL);
    expect(components).toEqual([
      {
        type: 'machine-learning-model',
        'bom-ref': 'provider:llm/gpt-5-mini',
        name: 'gpt-5-mini',
        description: expect.any(String),
      },
    ]);
    expect(dependencies).toEqual([
      { ref: 'model:digits@3', dependsOn: ['provider:llm/gpt-5-mini'] },
    ]);
    // Neither is an address.
    expect(metadata.component.externalReferences).toEqual([]);
    expect(metadata.component.properties).toEqual(
      expect.arrayContaining([
        { name: 'greenroom:training-run', value: '42' },
        {
          name: 'greenroom:repository',
          value: 'git@github.com:acme/bot.git',
        },
      ]),
    );
  });

  it('goes by the licence of the version before that of the model', () => {
    const model = { ...FACTS.model, tags: { licence: 'MIT' } };
    const licencesOf = (facts: MlBomFacts) =>
      describeMlBom({ ...facts, model }).metadata.component.licenses;
    expect(licencesOf(FACTS)).toEqual([{ expression: 'Apache-2.0 OR MIT' }]);
    expect(licencesOf(factsOf({ tags: {} }))).toEqual([{ expression: 'MIT' }]);
    expect(licencesOf(factsOf({ tags: { license: 'ours' } }))).toEqual([
      { license: { name: 'ours' } },
    ]);
  });
});
