import fc from 'fast-check';
import { editBytes, growth, type Edit } from './editBytes';

const inMemory = (bytes: Uint8Array) => ({
  sizeBytes: bytes.length,
  async read(position: number, length: number) {
    return bytes.subarray(position, position + length);
  },
});

/** Edits in any order, none of which overlaps another. */
const edits = (size: number) =>
  fc
    .array(
      fc.record({
        skip: fc.nat(4),
        take: fc.nat(4),
        bytes: fc.uint8Array({ maxLength: 6 }),
      }),
      { maxLength: 8 },
    )
    .map(parts => {
      const found: Edit[] = [];
      let at = 0;
      for (const { skip, take, bytes } of parts) {
        const start = at + skip;
        at = start + take;
        // A place to insert at is one only once.
        if (at <= size) found.push({ start, end: at, bytes });
        at += 1;
      }
      return found;
    });

it('reads anywhere as if the edited bytes were in memory', async () => {
  const case_ = fc
    .uint8Array({ maxLength: 40 })
    .chain(bytes => fc.tuple(fc.constant(bytes), edits(bytes.length)));
  await fc.assert(
    fc.asyncProperty(
      case_,
      fc.nat(60),
      fc.nat(60),
      async ([bytes, list], position, length) => {
        const naive: number[] = [];
        let at = 0;
        for (const { start, end, bytes: added } of list) {
          naive.push(...bytes.subarray(at, start), ...added);
          at = end;
        }
        naive.push(...bytes.subarray(at));
        const edited = editBytes(inMemory(bytes), [...list].reverse());
        expect(edited.sizeBytes).toBe(naive.length);
        expect(edited.sizeBytes).toBe(bytes.length + growth(list));
        expect(Array.from(await edited.read(position, length))).toEqual(
          naive.slice(position, position + length),
        );
      },
    ),
  );
});

it('gives what there is where the source is shorter than it says', async () => {
  const short = { ...inMemory(Uint8Array.of(1, 2)), sizeBytes: 9 };
  const edited = editBytes(short, [
    { start: 8, end: 9, bytes: Uint8Array.of(7) },
  ]);
  expect(Array.from(await edited.read(0, 9))).toEqual([1, 2]);
});

it('refuses edits that overlap', () => {
  const edit = { start: 1, end: 3, bytes: new Uint8Array() };
  expect(() =>
    editBytes(inMemory(new Uint8Array(9)), [edit, { ...edit, start: 2 }]),
  ).toThrow('overlap');
});
