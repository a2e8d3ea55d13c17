import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RandomAccessBytes } from '@greenroom/onnx-file';
import { readOnnxSignature } from './readOnnxSignature';

const ZOO = join(
  __dirname,
  '../../../../packages/inference-server/fixtures/zoo',
);
/** Models of real exporters, and of all kinds, each with its signature beside it. */
const SERVED = ['exported', 'made', 'torch'].flatMap(folder =>
  readdirSync(join(ZOO, folder))
    .filter(name => name.endsWith('.onnx'))
    .map(name => `${folder}/${name.slice(0, -'.onnx'.length)}`),
);

/** Bytes in memory that count how many of them were read. */
function bytesInMemory(
  bytes: Uint8Array,
): RandomAccessBytes & { bytesRead: number } {
  return {
    sizeBytes: bytes.length,
    bytesRead: 0,
    async read(position, length) {
      const piece = bytes.subarray(position, position + length);
      this.bytesRead += piece.length;
      return piece;
    },
  };
}

async function readFixture(name: string): Promise<Buffer> {
  return readFile(join(__dirname, '__fixtures__', `${name}.onnx`));
}

function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest % 128n) + 128);
    rest /= 128n;
  }
  return [...bytes, Number(rest)];
}

const number = (field: number, value: number | bigint) =>
  Buffer.from([...varint(field * 8), ...varint(value)]);

const message = (field: number, ...parts: Uint8Array[]) => {
  const content = Buffer.concat(parts);
  return Buffer.concat([
    Buffer.from([...varint(field * 8 + 2), ...varint(content.length)]),
    content,
  ]);
};

const text = (field: number, content: string) =>
  message(field, Buffer.from(content));

const tensorValue = (
  field: number,
  name: string,
  dimensions: Uint8Array[] = [number(1, 1)],
) =>
  message(
    field,
    text(1, name),
    message(
      2,
      message(
        1,
        number(1, 1),
        message(2, ...dimensions.map(dimension => message(1, dimension))),
      ),
    ),
  );

const modelWith = (...graphParts: Uint8Array[]) =>
  Buffer.concat([
    number(1, 9),
    message(7, ...graphParts),
    message(8, number(2, 17)),
  ]);

describe('readOnnxSignature on files of real exporters', () => {
  it('reads names, datatypes, shapes, opset and producer', async () => {
    const file = await readFixture('classifier');
    await expect(readOnnxSignature(bytesInMemory(file))).resolves.toEqual({
      signature: {
        inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, 2] }],
        outputs: [
          { name: 'label', datatype: 'BYTES', shape: [-1] },
          {
            name: 'probabilities',
            datatype: 'FP32',
            shape: [-1, 2],
            labels: ['no', 'yes'],
          },
        ],
      },
      modelFile: {
        irVersion: 10,
        opset: 22,
        producer: 'skl2onnx 1.20.0',
      },
    });
  });

  it('leaves weights out of the inputs in old formats', async () => {
    const file = await readFixture('weights-among-inputs');
    const { signature, modelFile } = await readOnnxSignature(
      bytesInMemory(file),
    );
    expect(signature.inputs).toEqual([
      { name: 'x', datatype: 'FP32', shape: [-1, 3] },
    ]);
    expect(modelFile).toEqual({
      irVersion: 3,
      opset: 17,
      producer: 'make_fixtures',
    });
  });

  it('takes the table that a ZipMap was made of for its output', async () => {
    const file = await readFixture('zipmap');
    const { signature } = await readOnnxSignature(bytesInMemory(file));
    expect(signature.outputs).toEqual([
      { name: 'output_label', datatype: 'BYTES', shape: [-1] },
      {
        name: 'output_probability',
        datatype: 'FP32',
        shape: [-1, 2],
        labels: ['no', 'yes'],
      },
    ]);
  });

  it.each(SERVED)('reads what is served of %s', async name => {
    const file = await readFile(join(ZOO, `${name}.onnx`));
    const answered = JSON.parse(
      await readFile(join(ZOO, `${name}.json`), 'utf8'),
    );
    const { signature } = await readOnnxSignature(bytesInMemory(file));
    expect(signature).toEqual(answered.signature);
  });

  it.each([
    [
      'bfloat16',
      /element type 16.*bfloat16: cast it to FP32.*model\.float\(\)/,
    ],
    ['float8e4m3fn', /element type 17.*float8: cast it to FP32/],
    ['int4', /element type 22.*int4: cast it to INT8 at the edge/],
    ['complex64', /element type 14.*real and imaginary parts/],
    ['float4e2m1', /element type 23.*float4: cast it to FP32/],
  ])('refuses the type %s', async (type, message_) => {
    const file = await readFile(join(ZOO, `refused/type-${type}.onnx`));
    await expect(readOnnxSignature(bytesInMemory(file))).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(message_),
    });
  });

  it('calls strings BYTES', async () => {
    const file = await readFixture('text');
    const { signature } = await readOnnxSignature(bytesInMemory(file));
    expect(signature.inputs).toEqual([
      { name: 'x', datatype: 'BYTES', shape: [-1, 4] },
    ]);
  });

  it.each([
    [
      'external-weights',
      /weights 'w' lie in the file 'weights\.bin', which is not among the files of this version/,
    ],
    [
      'hidden-external-weights',
      /weights 'hidden' lie in the file 'sub\/hidden\.bin', which is not among/,
    ],
    ['bfloat16', /Input 'x' has the ONNX element type 16.*model\.float\(\)/],
    ['no-shape', /Input 'x' declares no shape/],
  ])('refuses %s and says how to export', async (name, message_) => {
    const file = await readFixture(name);
    await expect(readOnnxSignature(bytesInMemory(file))).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(message_),
    });
  });

  describe('with weights in other files', () => {
    const read = async (
      name: string,
      modelPath: string,
      ...files: [path: string, sizeBytes: number][]
    ) => {
      const source = bytesInMemory(await readFixture(name));
      return readOnnxSignature(source, {
        modelPath,
        files: files.map(([path, sizeBytes]) => ({ path, sizeBytes })),
      });
    };

    it('takes those that came with it, from the folder of the model', async () => {
      const { signature } = await read('external-weights', 'model.onnx', [
        'weights.bin',
        24,
      ]);
      expect(signature.inputs).toHaveLength(1);
      await read('external-weights', 'a/b.onnx', ['a/weights.bin', 24]);
      await read('hidden-external-weights', 'm.onnx', ['sub/hidden.bin', 72]);
    });

    it('refuses a file that is elsewhere, or too short', async () => {
      await expect(
        read('external-weights', 'a/b.onnx', ['weights.bin', 24]),
      ).rejects.toThrow(/add it to the bundle as 'a\/weights\.bin'/);
      await expect(
        read('hidden-external-weights', 'm.onnx', ['sub/hidden.bin', 71]),
      ).rejects.toThrow(
        /'hidden' end at byte 72 of 'sub\/hidden\.bin', which has 71/,
      );
    });

    it.each([
      '../weights.bin',
      '/etc/passwd',
      'a/../../weights.bin',
      '',
      'model.onnx',
      '*/_ORT_MEM_ADDR_/*',
    ])('refuses the place %j whatever came with it', async place => {
      const entry = (key: string, value: string) =>
        message(13, text(1, key), text(2, value));
      const source = bytesInMemory(
        modelWith(
          message(5, text(8, 'w'), entry('location', place), number(14, 1)),
          tensorValue(11, 'x'),
          tensorValue(12, 'y'),
        ),
      );
      const files = ['model.onnx', 'weights.bin', '*/_ORT_MEM_ADDR_/*'].map(
        path => ({ path, sizeBytes: 100 }),
      );
      await expect(
        readOnnxSignature(source, { modelPath: 'model.onnx', files }),
      ).rejects.toMatchObject({
        name: 'InputError',
        message: expect.stringContaining(`in the file '${place}'`),
      });
    });
  });

  it('refuses every file that was cut off', async () => {
    const file = await readFixture('weights-among-inputs');
    for (let length = 0; length < file.length; length += 1) {
      await expect(
        readOnnxSignature(bytesInMemory(file.subarray(0, length))),
      ).rejects.toMatchObject({ name: 'InputError' });
    }
  });
});

describe('readOnnxSignature on files made by hand', () => {
  it('does not read the weights', async () => {
    const weights = new Uint8Array(8 * 1024 * 1024);
    const source = bytesInMemory(
      modelWith(
        message(5, text(8, 'w'), message(9, weights)),
        tensorValue(11, 'x'),
        tensorValue(12, 'y'),
      ),
    );
    await readOnnxSignature(source);
    expect(source.bytesRead).toBeLessThan(256 * 1024);
  });

  it('takes named, missing and negative sizes as free, and zero as zero', async () => {
    const { signature } = await readOnnxSignature(
      bytesInMemory(
        modelWith(
          tensorValue(11, 'x', [
            text(2, 'batch'),
            Buffer.alloc(0),
            number(1, 0),
            number(1, -1),
            number(1, 5_000_000_000),
          ]),
          tensorValue(12, 'y', []),
        ),
      ),
    );
    expect(signature.inputs[0].shape).toEqual([-1, -1, 0, -1, 5_000_000_000]);
    expect(signature.outputs[0].shape).toEqual([]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', Buffer.alloc(0), /not an ONNX file/],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n12345', 'latin1'), /ONNX file/],
    ['a zip file', Buffer.from('PK\x03\x04\x14\x00\x00\x00'), /ONNX file/],
    ['text', Buffer.from('version https://git-lfs'), /ONNX file/],
    [
      'a length beyond the end',
      Buffer.from([7 * 8 + 2, ...varint(1_000_000), 1]),
      /longer than what it lies in/,
    ],
    [
      'a negative length',
      Buffer.from([7 * 8 + 2, ...varint(-1n), 1]),
      /longer than what it lies in/,
    ],
    [
      'a number without an end',
      Buffer.from([8, ...new Array(20).fill(255)]),
      /does not end/,
    ],
    ['groups', Buffer.from([8 + 3, 8 + 4]), /no known type/],
    ['field number 0', Buffer.from([2, 0]), /no field/],
    [
      'two graphs',
      Buffer.concat([modelWith(), modelWith()]),
      /more than one graph/,
    ],
    ['no inputs', modelWith(tensorValue(12, 'y')), /0 inputs/],
    ['no outputs', modelWith(tensorValue(11, 'x')), /0 outputs/],
    [
      'a name that is used twice',
      modelWith(tensorValue(11, 'x'), tensorValue(11, 'x')),
      /'x' is empty or used twice/,
    ],
    [
      'a name that JavaScript keeps for itself',
      modelWith(tensorValue(11, '__proto__'), tensorValue(12, 'y')),
      /'__proto__' cannot be used/,
    ],
    [
      'a name that is not text',
      modelWith(message(11, message(1, Buffer.from([0xff, 0xfe])))),
      /is not text/,
    ],
    [
      'a name with a zero in it',
      modelWith(message(11, text(1, 'a\0b'))),
      /is not text/,
    ],
    [
      'an endless name',
      modelWith(message(11, text(1, 'a'.repeat(2000)))),
      /longer than 1024 bytes/,
    ],
    [
      'too many dimensions',
      modelWith(
        tensorValue(11, 'x', new Array(100).fill(number(1, 1))),
        tensorValue(12, 'y'),
      ),
      /more than 32 dimensions/,
    ],
    [
      'an impossible dimension',
      modelWith(
        tensorValue(11, 'x', [number(1, 2n ** 62n)]),
        tensorValue(12, 'y'),
      ),
      /impossible size/,
    ],
    [
      'an input without a type',
      modelWith(message(11, text(1, 'x')), tensorValue(12, 'y')),
      /Input 'x' declares no tensor type/,
    ],
    [
      'a map',
      modelWith(
        tensorValue(11, 'x'),
        message(12, text(1, 'y'), message(2, message(5))),
      ),
      /Output 'y' is a map/,
    ],
  ])('refuses %s', async (_what, bytes, problem) => {
    await expect(readOnnxSignature(bytesInMemory(bytes))).rejects.toMatchObject(
      { name: 'InputError', message: expect.stringMatching(problem) },
    );
  });

  it('gives up on millions of empty fields', async () => {
    const bytes = Buffer.alloc(5_000_000, Buffer.from([14 * 8 + 2, 0]));
    await expect(readOnnxSignature(bytesInMemory(bytes))).rejects.toThrow(
      /more than 2000000 fields/,
    );
  }, 30_000);
});

describe('readOnnxSignature on garbage', () => {
  const nameOutcome = (bytes: Uint8Array): Promise<string> =>
    readOnnxSignature(bytesInMemory(bytes)).then(
      () => 'read',
      error => error.name,
    );
  const expected = ['read', 'InputError'];

  it('never fails in another way than with an InputError', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async bytes => {
        expect(expected).toContain(await nameOutcome(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('survives a real file with any bytes changed', async () => {
    const file = await readFixture('weights-among-inputs');
    const change = fc.record({
      position: fc.nat(file.length - 1),
      byte: fc.nat(255),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 5 }),
        async changes => {
          const damaged = Uint8Array.from(file);
          changes.forEach(({ position, byte }) => {
            damaged[position] = byte;
          });
          expect(expected).toContain(await nameOutcome(damaged));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
