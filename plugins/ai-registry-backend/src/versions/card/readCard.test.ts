import {
  isCardText,
  licenceOfCard,
  MAX_FRONT_MATTER,
  readCard,
} from './readCard';

const many = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n');

describe('readCard', () => {
  it('parts the front matter from the text, and keeps both', () => {
    const text =
      '---\nlicense: mit\ntags: [a]\nodd_key: {x: 1}\n---\n# Title\n---\nmore\n';
    expect(readCard(text)).toMatchObject({
      text,
      markdown: '# Title\n---\nmore\n',
      metadata: { license: 'mit', tags: ['a'], odd_key: { x: 1 } },
    });
  });

  it.each([
    ['no front matter', '# Title\n', '# Title\n'],
    ['one that never ends', '---\nlicense: mit\n', '---\nlicense: mit\n'],
    ['an empty one', '---\n---\nText', 'Text'],
    ['nothing', '', ''],
    ['a line between words', 'a\n---\nb', 'a\n---\nb'],
  ])('takes a card with %s', (_what, text, markdown) => {
    const card = readCard(text);
    expect(card).toMatchObject({ text, markdown, metadata: {} });
    expect(card.problem).toBeUndefined();
  });

  it('reads the line ends of Windows, and a byte order mark', () => {
    expect(
      readCard('\uFEFF---\r\nlicense: mit\r\n---\r\nText\r\n'),
    ).toMatchObject({ metadata: { license: 'mit' }, markdown: 'Text\r\n' });
  });

  it.each([
    [
      'license: mit\ntags: [a\nx: y',
      /^line [34] of the front matter is no YAML: /,
    ],
    ['license: mit\nlicense: gpl', /^line 3 of .*: Map keys must be unique/],
    ['\n- a\n- b', /^line 2: expected fields such as/],
    [
      `a: &a [x, x]\n${Array.from(
        { length: 12 },
        (_, n) => `b${n}: &b${n} [${n ? `*b${n - 1}, *b${n - 1}` : '*a, *a'}]`,
      ).join('\n')}`,
      /^the front matter cannot be read: /,
    ],
    ['a: &a [*a]', /^the front matter cannot be read: .*circular/],
    [
      `a: &a 1\n${many(101, at => `b${at}: *a`)}`,
      /^the front matter has 101 aliases, and at most 100 are followed/,
    ],
    [
      `a: &a [${'1,'.repeat(20_000)}]\n${many(60, at => `b${at}: *a`)}`,
      /^the front matter grows to \d+ characters when its aliases are followed/,
    ],
    [
      'a'.repeat(MAX_FRONT_MATTER + 1),
      /^the front matter has \d+ characters, and at most 131072 are read/,
    ],
    ['['.repeat(5_000), /^line 2 of the front matter is no YAML: /],
  ])('says where the mistake is and loses nothing: %.60s', (yaml, problem) => {
    const text = `---\n${yaml}\n---\n# Title\n`;
    const card = readCard(text);
    expect(card).toMatchObject({ text, markdown: '# Title\n', metadata: {} });
    expect(card.problem).toMatch(problem);
  });

  it.each([
    ['many keys', many(14_000, at => `k${at}: 1`)],
    ['many mistakes', `a: ${'!x '.repeat(40_000)}`],
    ['many keys that are there twice', many(20_000, () => 'x: 1')],
  ])('is not held up by %s', (_what, yaml) => {
    const started = process.cpuUsage().user;
    readCard(`---\n${yaml}\n---\n`);
    expect(process.cpuUsage().user - started).toBeLessThan(4_000_000);
  });

  it('carries nothing out: a tag of Python stays a text', () => {
    const { metadata } = readCard(
      "---\nx: !!python/object/apply:os.system ['true']\n---\n",
    );
    expect(metadata).toEqual({ x: ['true'] });
  });
});

describe('licenceOfCard', () => {
  it.each([
    [{ license: 'apache-2.0' }, 'apache-2.0'],
    [{ license: ['mit', 'gpl-3.0'] }, 'mit'],
    [{ license: 'other', license_name: 'llama3' }, 'llama3'],
    [{ license: 'other' }, 'other'],
    [{ license: 7 }, undefined],
    [{ license: ' ' }, undefined],
    [{ license: 'x'.repeat(201) }, undefined],
    [{}, undefined],
  ])('of %j is %s', (metadata, licence) => {
    expect(licenceOfCard({ metadata })).toBe(licence);
  });
});

describe('isCardText', () => {
  it.each([
    ['Größe 🙂', true],
    ['a\0b', false],
    ['no UTF-8: \uFFFD', false],
    ['half of one: \uD83D', false],
  ])('of %j is %s', (text, is) => {
    expect(isCardText(text)).toBe(is);
  });
});
