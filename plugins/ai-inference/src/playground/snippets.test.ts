import { snippets } from './snippets';

describe('snippets', () => {
  const [curl, python, typescript] = snippets({
    baseUrl: 'http://localhost:7080/',
    model: 'digits',
    version: 2,
    assignmentId: "ada's session",
    request: {
      inputs: [
        {
          name: 'mask',
          shape: [1, 2],
          datatype: 'BYTES',
          data: ["it's true", 'null'],
        },
        { name: 'flag', shape: [1], datatype: 'BOOL', data: [true] },
      ],
    },
  });

  it('quotes for the shell', () => {
    expect(curl.code).toContain(
      `curl 'http://localhost:7080/v2/models/digits/versions/2/infer'`,
    );
    expect(curl.code).toContain(`-H 'x-assignment-id: ada'\\''s session'`);
    expect(curl.code).toContain(`"it'\\''s true", "null"`);
  });

  it('writes the literals of each language, and leaves strings alone', () => {
    expect(python.code).toContain('"data": [True]');
    expect(python.code).toContain(`["it's true", "null"]`);
    expect(python.code).toContain(`"x-assignment-id": "ada's session",`);
    expect(typescript.code).toContain('"data": [true]');
    expect(typescript.code).toContain(`'x-assignment-id': "ada's session",`);
  });

  it('never shows a key', () => {
    for (const { code } of [curl, python, typescript]) {
      expect(code).toContain('GREENROOM_KEY');
    }
  });

  it('leaves out the version and the caller when they are not chosen', () => {
    const [plain] = snippets({
      baseUrl: 'http://localhost:7080',
      model: 'digits',
      request: { inputs: [] },
    });
    expect(plain.code).toContain('/v2/models/digits/infer');
    expect(plain.code).not.toContain('x-assignment-id');
  });
});
