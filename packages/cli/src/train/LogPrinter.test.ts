import { LogPrinter } from './LogPrinter';

function printed(isTerminal: boolean, ...parts: string[]): string[] {
  const lines: string[] = [];
  const printer = new LogPrinter({
    print: text => lines.push(...text.split('\n')),
    isTerminal,
  });
  parts.forEach(part => printer.add(part));
  printer.end();
  return lines;
}

describe('LogPrinter', () => {
  it('prints whole lines, however they come, and what is left at the end', () => {
    expect(printed(false, 'a', 'b\nc', '\n', '\n', 'd')).toEqual([
      'ab',
      'c',
      '',
      'd',
    ]);
  });

  it('keeps no line that has no end', () => {
    const lines: string[] = [];
    const printer = new LogPrinter({
      print: text => lines.push(text),
      isTerminal: false,
    });
    printer.add('x'.repeat(100_000));
    expect(lines.join('')).toHaveLength(100_000);
  });

  it('lets a program move nothing on a terminal, and gives a pipe all of it', () => {
    const text = '\u001b[31mred\u001b[0m\u001b[2J\rhalf\r\nwhole\u0007\n';
    expect(printed(true, text)).toEqual(['red', 'half', 'whole ']);
    expect(printed(false, text)).toEqual(text.slice(0, -1).split('\n'));
  });
});
