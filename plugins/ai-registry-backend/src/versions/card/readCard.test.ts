import { licenceOfCard, readCard } from './readCard';

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
  ])('says where the mistake is and loses nothing: %j', (yaml, problem) => {
    const text = `---\n${yaml}\n---\n# Title\n`;
    const card = readCard(text);
    expect(card).toMatchObject({ text, markdown: '# Title\n', metadata: {} });
    expect(card.problem).toMatch(problem);
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
    [{}, undefined],
  ])('of %j is %s', (metadata, licence) => {
    expect(licenceOfCard({ metadata })).toBe(licence);
  });
});
