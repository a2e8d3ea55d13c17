import { grouped, matching, type PaletteEntry } from './paletteEntries';

const entry = (
  group: PaletteEntry['group'],
  title: string,
  more: Partial<PaletteEntry> = {},
): PaletteEntry => ({
  id: title,
  group,
  title,
  action: { href: '/' },
  ...more,
});

describe('the command palette', () => {
  it('finds what has every word, also in what stands beside the title', () => {
    const entries = [
      entry('Pages', 'AI registry'),
      entry('Actions', 'Register a model', { keywords: 'new upload' }),
    ];
    expect(matching(entries, 'regist').map(e => e.title)).toEqual([
      'AI registry',
      'Register a model',
    ]);
    expect(matching(entries, 'NEW model').map(e => e.title)).toEqual([
      'Register a model',
    ]);
    expect(matching(entries, 'model nothing')).toEqual([]);
    expect(matching(entries, ' ')).toHaveLength(2);
  });

  it('shows models above documents, and of each as many as one can look over', () => {
    const sections = grouped([
      entry('Documentation', 'Digits, explained'),
      ...Array.from({ length: 9 }, (_, i) => entry('Models', `digits ${i}`)),
    ]);
    expect(sections.map(({ group }) => group)).toEqual([
      'Models',
      'Documentation',
    ]);
    expect(sections[0].entries).toHaveLength(6);
  });
});
