import fc from 'fast-check';
import { LISTS, ProtobufReader, readExternalData, type WireField } from '.';
import { bytesField, join, numberField, textField } from './serving/encode';

const inMemory = (bytes: Uint8Array) => ({
  sizeBytes: bytes.length,
  async read(position: number, length: number) {
    return bytes.subarray(position, position + length);
  },
});

async function fieldsOf(
  bytes: Uint8Array,
  without?: ReadonlySet<number>,
): Promise<WireField[]> {
  const reader = new ProtobufReader(inMemory(bytes));
  const fields: WireField[] = [];
  const whole = { start: 0, end: bytes.length };
  for await (const field of reader.fields(whole, without)) fields.push(field);
  return fields;
}

it('reads each 64-bit number exactly', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      async value => {
        const [field] = await fieldsOf(numberField(1, value));
        const exact =
          field.kind === 'varint'
            ? field.wide ?? BigInt(field.value)
            : undefined;
        expect(exact).toBe(value);
      },
    ),
  );
});

it('leaves fields out without missing one behind them', async () => {
  const part = fc.oneof(
    fc
      .bigInt({ min: 0n, max: 2n ** 64n - 1n })
      .map(value => numberField(8, value)),
    fc.uint8Array({ maxLength: 300 }).map(bytes => bytesField(9, bytes)),
    fc.float().map(() => Uint8Array.of(7 * 8 + 5, 1, 2, 3, 4)),
    fc.constant(Uint8Array.of(7 * 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8)),
    fc.nat(200).map(value => numberField(3, value)),
    fc.string().map(value => textField(1, value)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 30 }), async parts => {
      const bytes = join(...parts);
      const all = await fieldsOf(bytes);
      expect(await fieldsOf(bytes, LISTS)).toEqual(
        all.filter(({ number }) => !LISTS.has(number)),
      );
    }),
  );
});

/** A model with one operator, whose attribute holds what is given. */
const modelWith = (attribute: Uint8Array) =>
  bytesField(7, bytesField(1, bytesField(5, textField(1, 'a'), attribute)));

const MANY = 2_500_000;

it('takes forests with millions of elements, each a field of its own', async () => {
  const element = Uint8Array.of(7 * 8 + 5, 0, 0, 128, 63);
  const floats = new Uint8Array(MANY * element.length);
  for (let at = 0; at < floats.length; at += element.length) {
    floats.set(element, at);
  }
  const external = bytesField(
    10,
    textField(8, 'hidden'),
    bytesField(13, textField(1, 'location'), textField(2, 'w.bin')),
    numberField(14, 1),
  );
  const found = await readExternalData(
    inMemory(modelWith(join(floats, external))),
  );
  expect(found).toEqual([
    { tensor: 'hidden', location: 'w.bin', offsetBytes: 0 },
  ]);
});

it('stops at a file of nothing but other tiny fields', async () => {
  const numbers = new Uint8Array(20);
  for (let at = 0; at < numbers.length; at += 2) numbers[at] = 3 * 8;
  const read = async (most: number) => {
    const reader = new ProtobufReader(inMemory(numbers), most);
    const found = reader.fields({ start: 0, end: numbers.length }, LISTS);
    let fields = 0;
    for await (const { number } of found) fields += number / 3;
    return fields;
  };
  await expect(read(10)).resolves.toBe(10);
  await expect(read(9)).rejects.toThrow('more than 9 fields');
});
