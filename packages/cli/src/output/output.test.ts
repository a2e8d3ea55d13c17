import { limitOf, readUpTo } from './readUpTo';
import { type Column, factLines, tableLines, withoutControls } from './table';
import { moneyText, sizeText } from './words';

interface Row {
  name: string;
  size: number;
}
const COLUMNS: Column<Row>[] = [
  { title: 'NAME', of: ({ name }) => name },
  {
    title: 'SIZE',
    of: ({ size }) => sizeText(size),
    plain: ({ size }) => size,
    isNumber: true,
  },
];

describe('several lines of others', () => {
  it('move no cursor and change no colour', () => {
    expect(withoutControls('one\n\ttwo \u001b[31mred\u0007')).toBe(
      'one\n\ttwo  [31mred ',
    );
  });
});

describe('a table', () => {
  const rows = [
    { name: 'iris', size: 12 },
    { name: 'a model with a long name', size: 1_234_567 },
  ];

  it('is aligned for a terminal', () => {
    expect(tableLines(COLUMNS, rows, 80)).toEqual([
      'NAME                        SIZE',
      'iris                        12 B',
      'a model with a long name  1.2 MB',
    ]);
  });

  it('is cut to the width of the terminal, the widest column first', () => {
    expect(tableLines(COLUMNS, rows, 20)).toEqual([
      'NAME            SIZE',
      'iris            12 B',
      'a model wit…  1.2 MB',
    ]);
    for (const width of [1, 5, 10]) {
      for (const line of tableLines(COLUMNS, rows, width)) {
        expect(line.length).toBeLessThanOrEqual(width);
      }
    }
  });

  it('has tabs and whole values for a pipe', () => {
    expect(tableLines(COLUMNS, rows, undefined)).toEqual([
      'NAME\tSIZE',
      'iris\t12',
      'a model with a long name\t1234567',
    ]);
  });

  it('lets nobody else move the cursor, or begin a line or a cell', () => {
    const name = 'a\u001b[2Jb\r\nc\td\u202ee';
    for (const width of [80, undefined]) {
      const [, line] = tableLines(COLUMNS, [{ name, size: 1 }], width);
      expect(line).toMatch(/^a \[2Jb c d e/);
      expect(line.split('\t').length).toBe(width ? 1 : 2);
    }
    expect(factLines([['text', name]], undefined)).toEqual([
      'text\ta [2Jb c d e',
    ]);
  });

  it('counts the columns that wide characters take', () => {
    const [, wide, plain] = tableLines(
      COLUMNS,
      [
        { name: '花の分類', size: 1 },
        { name: 'abcdefgh', size: 1 },
      ],
      80,
    );
    expect(wide).toBe('花の分類   1 B');
    expect(plain).toBe('abcdefgh   1 B');
    expect(
      tableLines(COLUMNS, [{ name: '花の分類花の分類', size: 1 }], 12)[1],
    ).toBe('花の…    1 B');
  });

  it('of nothing has its titles', () => {
    expect(tableLines(COLUMNS, [], undefined)).toEqual(['NAME\tSIZE']);
  });
});

describe('facts', () => {
  it('leave out what is not known', () => {
    expect(
      factLines(
        [
          ['name', 'iris'],
          ['a long one', 0],
          ['nothing', undefined],
          ['empty', ''],
        ],
        80,
      ),
    ).toEqual(['name        iris', 'a long one  0']);
  });
});

describe('readUpTo', () => {
  /** Numbers from 0, by pages. */
  function pagesOf(count: number) {
    const asked: number[] = [];
    const ask = async (page: { limit: number; cursor?: string }) => {
      asked.push(page.limit);
      const from = Number(page.cursor ?? 0);
      const to = Math.min(count, from + page.limit);
      return {
        items: Array.from({ length: to - from }, (_, at) => from + at),
        ...(to < count && { nextCursor: String(to) }),
      };
    };
    return { ask, asked };
  }

  it.each([
    [0, 10, 0, false, [4]],
    [3, 10, 3, false, [4]],
    [4, 4, 4, false, [4]],
    [10, 4, 4, true, [4]],
    [10, 5, 5, true, [4, 1]],
    [10, 10, 10, false, [4, 4, 2]],
  ])(
    'of %d, up to %d, reads %d, and says whether there are more: %s',
    async (count, limit, read, more, sizes) => {
      const { ask, asked } = pagesOf(count);
      const found = await readUpTo({ limit, pageSize: 4 }, ask);
      expect(found.items).toHaveLength(read);
      expect(found.more).toBe(more);
      expect(asked).toEqual(sizes);
    },
  );

  it('goes on until enough are kept', async () => {
    const { ask } = pagesOf(20);
    const keep = (one: number) => one % 5 === 0;
    const options = { pageSize: 4, keep };
    expect(await readUpTo({ ...options, limit: 2 }, ask)).toEqual({
      items: [0, 5],
      more: true,
    });
    expect(await readUpTo({ ...options, limit: 9 }, ask)).toEqual({
      items: [0, 5, 10, 15],
      more: false,
    });
  });

  it('does not go round in a circle', async () => {
    await expect(
      readUpTo({ limit: 10, pageSize: 4 }, async () => ({
        items: [],
        nextCursor: 'again',
      })),
    ).rejects.toThrow('again and again');
  });

  it('takes no limit below 1', () => {
    const words = (limit: string) => ({
      positionals: [],
      given: [],
      text: () => limit,
      texts: () => [],
      flag: () => false,
    });
    expect(limitOf('models list', words('7'))).toBe(7);
    expect(() => limitOf('models list', words('0'))).toThrow(
      "models list: --limit is '0': expected a whole number",
    );
  });
});

describe('money', () => {
  it.each([
    [2_937.6, 'USD 2937.60'],
    [0.0774, 'USD 0.0774'],
    [0.5, 'USD 0.50'],
    [0.125, 'USD 0.125'],
    [0, 'USD 0.00'],
  ])('%p is told as a page tells it: %s', (amount, text) => {
    expect(moneyText({ amount, currency: 'USD' })).toBe(text);
  });
});
