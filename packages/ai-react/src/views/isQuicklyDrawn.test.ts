import { isQuicklyDrawn } from './isQuicklyDrawn';

const table = (columns: number, rows: number) =>
  `${'|a'.repeat(columns)}\n${'|-'.repeat(columns)}\n${'|\n'.repeat(rows)}`;

describe('isQuicklyDrawn', () => {
  it.each([
    ['nothing', ''],
    ['a long text', 'Some words of text.\n'.repeat(3_000)],
    ['lines and headings', `${'-'.repeat(80)}\n${'*'.repeat(80)}\n`],
    ['a quote in a list in a quote', '> - > a\n'],
    ['results of many tasks', table(15, 500)],
    ['a table of links', `|a|b|\n|-|-|\n${'|[a](b)|*c*|\n'.repeat(1_000)}`],
    ['paragraphs of code and links', '`a` [b](c) *d*\n \n'.repeat(2_000)],
  ])('draws %s', (_what, text) => {
    expect(isQuicklyDrawn(text)).toBe(true);
  });

  it.each([
    ['a text that never ends', 'a'.repeat(64 * 1024 + 1)],
    ['quotes in quotes', `a\n\n${'>'.repeat(1_000)}a`],
    ['lists in lists', '- '.repeat(1_000)],
    ['numbers in numbers', '1. '.repeat(1_000)],
    ['a table that is filled up', table(2_000, 1_000)],
    ['words within words', '*a **b\n'.repeat(1_000)],
    ['brackets', `a\n${'['.repeat(2_001)}`],
  ])('leaves %s as it is', (_what, text) => {
    expect(isQuicklyDrawn(text)).toBe(false);
  });

  it('takes no time to say so', () => {
    const started = process.cpuUsage().user;
    isQuicklyDrawn('> \t'.repeat(16_000));
    isQuicklyDrawn(`${' '.repeat(60_000)}x`);
    isQuicklyDrawn(' \n'.repeat(30_000));
    expect(process.cpuUsage().user - started).toBeLessThan(1_000_000);
  });
});
