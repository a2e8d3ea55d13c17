import { createHash } from 'node:crypto';
import explanations from '../fixtures/explanations.json';
import type { OnnxVariant } from '@greenroom/plugin-ai-inference-common';
import type { WantedVariant } from './domain/WantedRoute';
import type { ModelSchema, Signature } from './domain/tensor';
import { keyOf, routeOf, snapshotOf } from './testing/fixtures';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TestServer } from './testing/startTestServer';

jest.setTimeout(60_000);

const FIXTURES = join(dirname(require.resolve('../package.json')), 'fixtures');
const bytesOf = (name: string) => readFileSync(join(FIXTURES, name));
const digestOf = (bytes: Buffer) =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const PATIENT: { signature: Signature; schema: ModelSchema } = {
  signature: {
    inputs: [{ name: 'patient', datatype: 'FP32', shape: [-1, 10] }],
    outputs: [{ name: 'progression', datatype: 'FP32', shape: [-1, 1] }],
  },
  schema: {
    task: 'regression',
    features: Array.from({ length: 10 }, (_, index) => ({
      name: `f${index}`,
      tensor: 'patient',
      index,
    })),
    prediction: { tensor: 'progression' },
  },
};
const DIGITS: { signature: Signature; schema: ModelSchema } = {
  signature: {
    inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 8, 8] }],
    outputs: [
      { name: 'label', datatype: 'INT64', shape: [-1] },
      { name: 'probabilities', datatype: 'FP32', shape: [-1, 10] },
    ],
  },
  schema: {
    task: 'classification',
    features: Array.from({ length: 64 }, (_, index) => ({
      name: `pixel ${index}`,
      tensor: 'image',
      index,
    })),
    image: { tensor: 'image', width: 8, height: 8, maxValue: 16 },
    prediction: {
      tensor: 'label',
      labels: Array.from({ length: 10 }, (_, digit) => `${digit}`),
      probabilityTensor: 'probabilities',
    },
  },
};

const { shap, lime, occlusion } = explanations;
const reference = Buffer.from(
  JSON.stringify({
    formatVersion: 1,
    features: PATIENT.schema.features.map(({ name }) => name),
    rows: shap.background,
    predictions: shap.background.map(() => 0),
  }),
);
const digits = Buffer.from(
  JSON.stringify({
    formatVersion: 1,
    features: DIGITS.schema.features.map(({ name }) => name),
    rows: occlusion.background,
    predictions: occlusion.background.map(() => '1'),
  }),
);

function variant(
  name: string,
  about: { signature: Signature; schema: ModelSchema },
  rows: Buffer | undefined,
  version = 1,
): OnnxVariant {
  const bytes = bytesOf(name);
  const pathOf = (digest: string) =>
    `/api/ai-registry/artifacts/${encodeURIComponent(digest)}`;
  const digest = digestOf(bytes);
  return {
    kind: 'onnx',
    version,
    weightPercent: version === 1 ? 100 : 0,
    digest,
    sizeBytes: bytes.length,
    artifactPath: pathOf(digest),
    ...about,
    ...(rows && {
      reference: {
        digest: digestOf(rows),
        sizeBytes: rows.length,
        rows: 20,
        artifactPath: pathOf(digestOf(rows)),
      },
    }),
  };
}

const patient = (data: number[] = shap.instance, rows = 1) => ({
  name: 'patient',
  datatype: 'FP32',
  shape: [rows, 10],
  data,
});

describe('explanations', () => {
  let server: TestServer;

  beforeAll(async () => {
    const variants: WantedVariant[] = [
      variant('bench-diabetes.onnx', PATIENT, reference),
      variant('bench-diabetes.onnx', PATIENT, undefined, 2),
    ];
    server = await TestServer.create(
      snapshotOf(
        [
          routeOf('diabetes', variants),
          routeOf('digits', [variant('bench-digits.onnx', DIGITS, digits)]),
        ],
        [keyOf('gr_all', ['*']), keyOf('gr_digits', ['digits'])],
      ),
    );
    for (const bytes of [
      bytesOf('bench-diabetes.onnx'),
      bytesOf('bench-digits.onnx'),
      reference,
      digits,
    ]) {
      server.controlPlane.addArtifact(bytes);
    }
    await server.start();
  });
  afterAll(() => server.close());

  const explain = (
    body: object,
    { model = 'diabetes', key = 'gr_all', version = '' } = {},
  ) =>
    server.send(
      `/v2/models/${model}${version && `/versions/${version}`}/explain`,
      {
        method: 'POST',
        key,
        body: JSON.stringify(body),
      },
    );

  it('gives the Shapley values that shap gives', async () => {
    const { status, json } = await explain({
      id: 'why',
      inputs: [patient()],
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      id: 'why',
      model_name: 'diabetes',
      model_version: '1',
      method: 'exact',
      output: 'progression',
      explains: 'value',
      background: { source: 'reference', rows: 20 },
    });
    const values = json.features.map(
      ({ attribution }: { attribution: number }) => attribution,
    );
    shap.values.forEach((expected, at) =>
      expect(values[at]).toBeCloseTo(expected, 3),
    );
    expect(json.base_value).toBeCloseTo(shap.baseValue, 3);
    expect(json.additivity_error).toBeLessThan(1e-6);
    expect(json.evaluations).toBeGreaterThan(2 ** 10 * 20);
  });

  it.each(['permutation', 'kernel'])(
    'is within its own error of them by %s, the same each time',
    async method => {
      const settings = { method, seed: 3, max_evaluations: 20_000 };
      const ask = () => explain({ inputs: [patient()], explain: settings });
      const { json } = await ask();
      expect(json.method).toBe(method);
      json.features.forEach(
        (
          feature: { attribution: number; standard_error: number },
          at: number,
        ) => {
          expect(Math.abs(feature.attribution - shap.values[at])).toBeLessThan(
            5 * feature.standard_error + 1e-3,
          );
        },
      );
      expect((await ask()).json.features).toEqual(json.features);
    },
  );

  it('finds by lime what Python lime finds', async () => {
    const { json } = await explain(
      {
        inputs: [patient()],
        background: [patient(lime.background.flat(), lime.background.length)],
        explain: { method: 'lime', background_rows: 500 },
      },
      { version: '2' },
    );
    expect(json).toMatchObject({
      method: 'lime',
      model_version: '2',
      background: { source: 'request', rows: 500 },
    });
    const values: number[] = json.features.map(
      ({ attribution }: { attribution: number }) => attribution,
    );
    expect(correlation(values, lime.values)).toBeGreaterThan(0.95);
    expect(json.stability).toBeGreaterThan(0.6);
    expect(json.fit).toBeGreaterThan(0);
  });

  it('maps which patches of an image matter for a digit', async () => {
    const { json } = await explain(
      {
        inputs: [
          {
            name: 'image',
            datatype: 'FP32',
            shape: [1, 8, 8],
            data: occlusion.image,
          },
        ],
        explain: { grid: [4, 4] },
      },
      { model: 'digits', key: 'gr_digits' },
    );
    expect(json).toMatchObject({
      method: 'occlusion',
      output: 'probabilities',
      explains: 'probability',
      class: `${occlusion.label}`,
      patches: { rows: 4, columns: 4 },
    });
    occlusion.values.forEach((expected, at) =>
      expect(json.patches.attributions[at]).toBeCloseTo(expected, 4),
    );
  });

  it.each<[string, object, string]>([
    [
      'two rows',
      { inputs: [patient([...shap.instance, ...shap.instance], 2)] },
      'have 2 rows',
    ],
    [
      'a method that there is not',
      { inputs: [patient()], explain: { method: 'magic' } },
      '"explain.method"',
    ],
    [
      'a setting that there is not',
      { inputs: [patient()], explain: { sead: 1 } },
      'sead',
    ],
    [
      'a class of a regression',
      { inputs: [patient()], explain: { class: 'ill' } },
      '"class" is for classifications',
    ],
    [
      'a grid where there is no image',
      { inputs: [patient()], explain: { grid: [2, 2] } },
      '"explain.grid" is for images',
    ],
    [
      'more rows of the model than may be asked for',
      {
        inputs: [patient()],
        explain: { method: 'exact', max_evaluations: 99 },
      },
      'exact takes 20480 rows of the model, more than the 99',
    ],
  ])('refuses %s', async (_what, body, message) => {
    const { status, json } = await explain(body);
    expect(json.error).toContain(message);
    expect(status).toBe(400);
  });

  it('says what to do where no reference rows were kept', async () => {
    const { status, json } = await explain(
      { inputs: [patient()] },
      { version: '2' },
    );
    expect(status).toBe(400);
    expect(json.error).toContain('send "background"');
  });

  it('is for those who may call the model, and counts as no request', async () => {
    const { status } = await explain(
      { inputs: [patient()] },
      { key: 'gr_digits' },
    );
    expect(status).toBe(403);
    const metrics = await server.metrics();
    expect(metrics).not.toMatch(
      /requests_total\{model="diabetes"[^}]*\} [1-9]/,
    );
  });

  it('answers callers meanwhile, and refuses more explanations than it can keep waiting', async () => {
    const asked = Array.from({ length: 15 }, () =>
      explain({ inputs: [patient()], explain: { method: 'exact' } }),
    );
    let explained = false;
    const all = Promise.all(asked).then(answers => {
      explained = true;
      return answers.map(({ status }) => status);
    });
    let answered = 0;
    while (!explained) {
      const { status } = await server.infer('diabetes', {
        inputs: [patient()],
      });
      expect(status).toBe(200);
      answered++;
    }
    const statuses = await all;
    expect(statuses.filter(status => status === 200)).toHaveLength(9);
    expect(statuses.filter(status => status === 503)).toHaveLength(6);
    expect(answered).toBeGreaterThan(20);
  });
});

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (of: readonly number[]) =>
    of.reduce((sum, x) => sum + x, 0) / of.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const sum = (of: (at: number) => number) =>
    a.reduce((total, _, at) => total + of(at), 0);
  return (
    sum(at => (a[at] - meanA) * (b[at] - meanB)) /
    Math.sqrt(sum(at => (a[at] - meanA) ** 2) * sum(at => (b[at] - meanB) ** 2))
  );
}
