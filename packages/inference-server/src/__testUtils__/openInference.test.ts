import { checkAnswer } from './openInference';

const answer = (path: string, json: unknown, more = {}) => ({
  method: path.endsWith('/infer') ? 'POST' : 'GET',
  path,
  status: 200,
  headers: {},
  body: Buffer.from(JSON.stringify(json)),
  ...more,
});

const output = { name: 'y', shape: [1], datatype: 'FP32', data: [0.5] };

it.each([
  ['/v2', { name: 'a', version: '1', extensions: [] }, {}],
  ['/v2/models/m', { name: 'm', platform: 'p' }, {}],
  ['/v2/models/m/infer', { model_name: 'm', outputs: [output] }, {}],
  ['/v2/models/m', { error: 'no' }, { status: 404 }],
  ['/v2/models/stats', { model_stats: [] }, {}],
])('%s: %j is an answer of the protocol', (path, json, more) => {
  expect(() => checkAnswer(answer(path, json, more))).not.toThrow();
});

it('takes values that follow as bytes', () => {
  const { data: _left, ...rest } = output;
  const parameters = { binary_data_size: 4 };
  const json = JSON.stringify({
    model_name: 'm',
    outputs: [{ ...rest, parameters }],
  });
  const binary = {
    ...answer('/v2/models/m/infer', {}),
    headers: { 'inference-header-content-length': `${json.length}` },
    body: Buffer.concat([Buffer.from(json), Buffer.alloc(4)]),
  };
  expect(() => checkAnswer(binary)).not.toThrow();
});

it.each([
  ['/v2', { name: 'a', version: '1' }, {}],
  ['/v2/', { name: 'a', version: 1, extensions: [] }, {}],
  ['/v2/models/m', { name: 'm' }, {}],
  ['/v2/models/m/versions/2', { name: 'm', platform: 7 }, {}],
  ['/v2/models/m/infer', { model_name: 'm' }, {}],
  ['/v2/models/m/infer', { outputs: [output] }, {}],
  [
    '/v2/models/m/versions/1/infer',
    { model_name: 'm', outputs: [{ ...output, shape: ['1'] }] },
    {},
  ],
  [
    '/v2/models/m/infer',
    { model_name: 'm', outputs: [{ ...output, data: [null] }] },
    {},
  ],
  ['/v2/models/m/infer', { message: 'no' }, { status: 400 }],
])('%s: %j is none', (path, json, more) => {
  expect(() => checkAnswer(answer(path, json, more))).toThrow(
    'of the Open Inference Protocol',
  );
});
