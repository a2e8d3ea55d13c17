import { readdirSync, readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import type { RandomAccessBytes } from '../ProtobufReader';
import { bytesField, join, numberField, textField } from './encode';
import { makeServable } from './makeServable';
import { readOutline, type Message } from './readOutline';

const ZOO = joinPath(__dirname, '../../../inference-server/fixtures/zoo');

const inMemory = (bytes: Uint8Array): RandomAccessBytes => ({
  sizeBytes: bytes.length,
  async read(position, length) {
    return bytes.subarray(position, position + length);
  },
});

const readAll = (source: RandomAccessBytes) => source.read(0, source.sizeBytes);

async function partsOf(source: RandomAccessBytes) {
  const outline = await readOutline(source);
  if (!outline) throw new Error('the file has no graph');
  const bytes = Buffer.from(await readAll(source));
  const { graph, nodes, outputs } = outline;
  const hex = ({ position, content }: Message) =>
    bytes.toString('hex', position, content.end);
  const cut = [...nodes, ...outputs].sort((a, b) => a.position - b.position);
  let rest = bytes.toString('hex', 0, graph.position);
  let at = graph.content.start;
  for (const { position, content } of cut) {
    rest += bytes.toString('hex', at, position);
    at = content.end;
  }
  return {
    nodes: nodes.map(node => ({ operator: node.operator, hex: hex(node) })),
    outputs: outputs.map(output => ({ name: output.name, hex: hex(output) })),
    /** All but the nodes, the outputs and the length of the graph. */
    rest: rest + bytes.toString('hex', at),
  };
}

const GONE = /^(?:ZipMap|SequenceConstruct)$/;

const files = ['exported', 'torch'].flatMap(folder =>
  readdirSync(joinPath(ZOO, folder))
    .filter(name => name.endsWith('.onnx'))
    .map(name => joinPath(folder, name)),
);

it.each(files)(
  'leaves in %s each byte that is not about its outputs',
  async name => {
    const source = inMemory(readFileSync(joinPath(ZOO, name)));
    const served = await makeServable(source);
    expect(served.isRewritten).toBe(served.source !== source);
    const [before, after] = [
      await partsOf(source),
      await partsOf(served.source),
    ];
    expect(after.rest).toBe(before.rest);
    const kept = before.nodes.filter(({ operator }) => !GONE.test(operator));
    const wanted = new Set(kept.map(({ hex }) => hex));
    expect(after.nodes.filter(({ hex }) => wanted.has(hex))).toEqual(kept);
    const added = after.nodes.filter(({ hex }) => !wanted.has(hex));
    expect(
      added.every(({ operator }) => /^(?:Cast|Identity)$/.test(operator)),
    ).toBe(true);
    expect(served.isRewritten || added.length === 0).toBe(true);
    const again = await makeServable(source);
    expect(await readAll(again.source)).toEqual(await readAll(served.source));
  },
);

// --- Models made by hand: of so many features in `x`, the table `t`, and what comes of it.

const tensorType = (...sizes: number[]) =>
  bytesField(
    1,
    numberField(1, 1),
    bytesField(
      2,
      ...sizes.map(size =>
        size < 0 ? bytesField(1) : bytesField(1, numberField(1, size)),
      ),
    ),
  );
const sequenceOf = (type: Uint8Array) => bytesField(4, bytesField(1, type));
const optionalOf = (type: Uint8Array) => bytesField(9, bytesField(1, type));
const maps = sequenceOf(bytesField(5, numberField(1, 7)));
const value = (field: number, name: string, type: Uint8Array) =>
  bytesField(field, textField(1, name), bytesField(2, type));
const node = (
  operator: string,
  [inputs, outputs]: [string, string],
  ...rest: Uint8Array[]
) =>
  bytesField(
    1,
    ...inputs
      .split(' ')
      .filter(Boolean)
      .map(name => textField(1, name)),
    ...outputs.split(' ').map(name => textField(2, name)),
    textField(4, operator),
    ...rest,
  );
const ML = textField(7, 'ai.onnx.ml');
const labels = bytesField(
  5,
  textField(1, 'classlabels_int64s'),
  bytesField(8, Uint8Array.of(5, 9)),
);
const zipMap = (inputs: string, outputs: string) =>
  node('ZipMap', [inputs, outputs], labels, ML);
const model = (...graph: Uint8Array[]) =>
  inMemory(
    join(
      numberField(1, 8),
      bytesField(7, ...graph, value(11, 'x', tensorType(-1, 2))),
      bytesField(8, textField(1, 'ai.onnx.ml'), numberField(2, 1)),
    ),
  );
const output = (name: string, type: Uint8Array) => value(12, name, type);

it('asks for the standard operators where the file did not', async () => {
  const served = await makeServable(model(zipMap('x', 'y'), output('y', maps)));
  const outline = await readOutline(served.source);
  expect(outline?.opset).toBe(13);
  expect(outline?.nodes.map(({ operator }) => operator)).toEqual(['Cast']);
  expect(served.labels.get('y')).toEqual(['5', '9']);
});

it('follows a ZipMap behind other names, and to several outputs', async () => {
  const served = await makeServable(
    model(
      zipMap('x', 'a'),
      node('Identity', ['a', 'b']),
      node('Identity', ['b', 'c']),
      output('a', maps),
      output('c', maps),
    ),
  );
  const outline = await readOutline(served.source);
  expect(
    outline?.nodes.map(({ inputs, outputs }) => [inputs, outputs]),
  ).toEqual([
    [['x'], ['a']],
    [['x'], ['c']],
  ]);
});

it.each<[string, RandomAccessBytes, RegExp]>([
  [
    'maps that another operator takes too',
    model(
      zipMap('x', 'y'),
      node('SequenceAt', ['y i', 'z']),
      output('y', maps),
    ),
    /what ZipMap makes is an output, and is taken by SequenceAt too/,
  ],
  [
    'a ZipMap without classes',
    model(node('ZipMap', ['x', 'y'], ML), output('y', maps)),
    /names no classes.*'zipmap': False/,
  ],
  [
    'maps of an unknown maker',
    model(node('Mystery', ['x', 'y']), output('y', maps)),
    /'y' is a sequence of maps made by Mystery.*'zipmap': False/,
  ],
  [
    'sequences whose length only a run knows',
    model(
      node('SequenceInsert', ['s x', 'y']),
      output('y', sequenceOf(tensorType(-1, 2))),
    ),
    /a sequence of tensors made by SequenceInsert.*torch\.stack/,
  ],
  [
    'parts of sizes of their own',
    model(
      node('SplitToSequence', ['x sizes', 'y']),
      output('y', sequenceOf(tensorType(-1, 1))),
    ),
    /made by SplitToSequence.*ConcatFromSequence/,
  ],
  [
    'tensors of unknown shapes in a sequence',
    model(
      node('Mystery', ['x', 't']),
      node('SequenceConstruct', ['t', 'y']),
      output('y', sequenceOf(bytesField(1, numberField(1, 1)))),
    ),
    /shapes the file does not say.*infer_shapes/,
  ],
  [
    'an optional that may be empty',
    model(node('Optional', ['', 'y']), output('y', optionalOf(tensorType(-1)))),
    /'y' is optional.*no None/,
  ],
  [
    'an input that is a map',
    model(value(11, 'm', bytesField(5)), output('y', tensorType(-1))),
    /Input 'm' is a map.*DictVectorizer/,
  ],
  [
    'an input that may be left out',
    model(
      value(11, 'm', optionalOf(tensorType(-1))),
      output('y', tensorType(-1)),
    ),
    /Input 'm' is optional.*instead of None/,
  ],
])('refuses %s', async (_what, source, message) => {
  await expect(makeServable(source)).rejects.toMatchObject({
    name: 'OnnxFileError',
    message: expect.stringMatching(message),
  });
});

it('makes of slices the tensor, and of a filled optional what is in it', async () => {
  const served = await makeServable(
    model(
      node('SplitToSequence', ['x', 'y']),
      node('Optional', ['x', 'z']),
      output('y', sequenceOf(tensorType(-1, 1))),
      output('z', optionalOf(tensorType(-1, 2))),
    ),
  );
  const outline = await readOutline(served.source);
  expect(outline?.outputs.map(({ name, type }) => [name, type])).toEqual(
    ['y', 'z'].map(name => [
      name,
      expect.objectContaining({ kind: 'tensor', shape: [-1, 2] }),
    ]),
  );
});

it('takes large weights from the file itself', async () => {
  const size = 2 * 1024 * 1024;
  const source = model(
    bytesField(
      5,
      numberField(1, size / 4),
      numberField(2, 1),
      textField(8, 'w'),
      bytesField(9, new Uint8Array(size)),
    ),
    zipMap('x', 'y'),
    output('y', maps),
  );
  const whole = await makeServable(source);
  expect(whole.source.sizeBytes).toBeGreaterThan(size);
  const served = await makeServable(source, { weightsFrom: 'm.onnx' });
  expect(served.source.sizeBytes).toBeLessThan(1024);
});

it('takes another locale for texts, where the file asks for the American one or none', async () => {
  const normalizer = (locale?: string) =>
    node(
      'StringNormalizer',
      ['x', 'y'],
      ...(locale === undefined
        ? []
        : [bytesField(5, textField(1, 'locale'), textField(4, locale))]),
    );
  const said = async (locale?: string) => {
    const { source } = await makeServable(
      model(normalizer(locale), output('y', tensorType(-1))),
      { locale: 'C.UTF-8' },
    );
    return String(Buffer.from(await readAll(source)));
  };
  expect(await said()).toContain('C.UTF-8');
  expect(await said('en_US')).toContain('C.UTF-8');
  expect(await said('de_DE')).not.toContain('C.UTF-8');
});
