import { EMPTY_EXTERNAL, readExternalForm } from './externalForm';

const FILLED = {
  ...EMPTY_EXTERNAL,
  connection: ' llm ',
  model: 'gpt-4o-2024-08-06',
};

describe('readExternalForm', () => {
  it('makes the descriptor', async () => {
    const { file } = readExternalForm({
      ...FILLED,
      tasks: ['embeddings', 'chat'],
      parameters: '{"temperature": 0.2}',
      systemMessage: 'You are terse.\n',
    });
    expect(file?.path).toBe('external.json');
    expect(JSON.parse((await file?.file.text()) ?? '')).toEqual({
      formatVersion: 1,
      connection: 'llm',
      model: 'gpt-4o-2024-08-06',
      tasks: ['chat', 'embeddings'],
      parameters: { temperature: 0.2 },
      messages: [{ role: 'system', content: 'You are terse.' }],
    });
  });

  it('leaves out what was left empty', async () => {
    const { file } = readExternalForm(FILLED);
    expect(JSON.parse((await file?.file.text()) ?? '')).toMatchObject({
      parameters: {},
      messages: [],
    });
  });

  it('makes the descriptor of a model of tensors out of what its server says', async () => {
    const inputs = [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }];
    const outputs = [{ name: 'y', datatype: 'INT64', shape: [-1] }];
    const { file } = readExternalForm({
      ...FILLED,
      takes: 'tensors',
      systemMessage: 'Was written before.',
      signature: JSON.stringify({
        name: 'iris',
        platform: 'onnxruntime_onnx',
        inputs,
        outputs,
      }),
    });
    expect(JSON.parse((await file?.file.text()) ?? '')).toEqual({
      formatVersion: 1,
      connection: 'llm',
      model: 'gpt-4o-2024-08-06',
      tasks: [],
      tensors: { protocol: 'open-inference', signature: { inputs, outputs } },
      parameters: {},
      messages: [],
    });
  });

  it.each(['', '[]', '{"inputs": []}', '{"inputs": [{"name": "x"}]}'])(
    'says what a signature is, for %j',
    signature => {
      const { errors } = readExternalForm({
        ...FILLED,
        takes: 'tensors',
        signature,
      });
      expect(errors).toEqual({ signature: expect.any(String) });
    },
  );

  it.each([
    [{ connection: '' }, 'connection', 'Name the connection'],
    [{ connection: 'My LLM' }, 'connection', 'expected the name of a conn'],
    [{ model: '' }, 'model', 'Name the model'],
    [{ tasks: [] }, 'tasks', 'Choose what'],
    [{ parameters: '[1]' }, 'parameters', 'Write a JSON object'],
    [{ parameters: '{' }, 'parameters', 'Write a JSON object'],
    [{ parameters: '{"stream": true}' }, 'parameters', 'expected a parameter'],
  ])('says at its field what to correct: %j', (changes, field, message) => {
    const { errors } = readExternalForm({ ...FILLED, ...changes });
    expect(errors).toEqual({ [field]: expect.stringContaining(message) });
  });
});
