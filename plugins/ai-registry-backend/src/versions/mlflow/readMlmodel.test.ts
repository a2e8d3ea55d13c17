import { readMlmodel } from './readMlmodel';

const SKLEARN = `artifact_path: mlflow-artifacts:/0/models/m-1/artifacts
flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
    python_version: 3.12.3
  sklearn:
    code: null
    pickled_model: model.pkl
    serialization_format: cloudpickle
    sklearn_version: 1.7.2
is_signature_from_type_hint: false
mlflow_version: 3.6.0
model_id: m-0123456789abcdef0123456789abcdef
model_size_bytes: 1016
model_uuid: m-0123456789abcdef0123456789abcdef
prompts: null
run_id: 0c1f4a1f0b0d4bd6a3c7a1e6d6f1a2b3
signature:
  inputs: '[{"type": "double", "name": "age", "required": true}, {"type": "string", "name": "city", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
  type_hint_from_example: false
utc_time_created: '2025-11-20 10:00:00.123456'
`;

describe('readMlmodel', () => {
  it('reads flavors, origin and signature', () => {
    expect(readMlmodel(SKLEARN)).toEqual({
      facts: {
        flavors: [
          {
            name: 'python_function',
            facts: {
              loader_module: 'mlflow.sklearn',
              model_path: 'model.pkl',
              predict_fn: 'predict',
              python_version: '3.12.3',
            },
          },
          {
            name: 'sklearn',
            facts: {
              pickled_model: 'model.pkl',
              serialization_format: 'cloudpickle',
              sklearn_version: '1.7.2',
            },
          },
        ],
        mlflowVersion: '3.6.0',
        run: '0c1f4a1f0b0d4bd6a3c7a1e6d6f1a2b3',
        modelId: 'm-0123456789abcdef0123456789abcdef',
        createdAt: '2025-11-20 10:00:00.123456',
      },
      signature: {
        inputs: [
          { name: 'age', datatype: 'FP64', shape: [-1] },
          { name: 'city', datatype: 'BYTES', shape: [-1] },
        ],
        outputs: [{ name: 'output-0', datatype: 'INT64', shape: [-1] }],
      },
    });
  });

  it('says why a signature is not one of tensors', () => {
    const text = SKLEARN.replace('"double"', '"datetime"');
    const { facts, signature } = readMlmodel(text);
    expect(signature).toBeUndefined();
    expect(facts.signatureProblem).toBe(
      "The input 'age' in MLmodel is of the type datetime, which is no tensor's.",
    );
    const broken = readMlmodel(SKLEARN.replace('"name": "age",', '"name": '));
    expect(broken.facts.signatureProblem).toMatch(/not written as MLflow does/);
  });

  it('does without a signature, and finds the file of the flavor onnx', () => {
    expect(
      readMlmodel(
        'flavors:\n  onnx:\n    data: model.onnx\n    onnx_version: 1.19.0\n',
      ),
    ).toEqual({
      facts: {
        flavors: [
          {
            name: 'onnx',
            facts: { data: 'model.onnx', onnx_version: '1.19.0' },
          },
        ],
      },
      onnxFile: 'model.onnx',
    });
  });

  it('follows no tags of Python', () => {
    const { facts } = readMlmodel(
      'flavors:\n  evil: !!python/object/apply:os.system ["exit 1"]\n',
    );
    expect(facts.flavors).toEqual([{ name: 'evil', facts: {} }]);
  });

  it.each([
    ['no YAML', 'a: [', /is no YAML/],
    ['no flavors', 'run_id: a', /names no flavors/],
    ['a list', '- a', /names no flavors/],
    ['nothing', '', /names no flavors/],
    [
      'aliases without end',
      `a: &a [x, x, x, x, x, x, x, x, x]\n${[...'bcdefghij']
        .map(
          (name, index) =>
            `${name}: &${name} [${Array(9)
              .fill(`*${'abcdefghij'[index]}`)
              .join(', ')}]`,
        )
        .join('\n')}\nflavors: {}`,
      /cannot be read/,
    ],
  ])('refuses %s', (_what, text, message) => {
    expect(() => readMlmodel(text)).toThrow(message);
  });
});
