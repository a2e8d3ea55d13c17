/** Characters; more takes a browser seconds. */
const MOST_TEXT = 64 * 1024;
/** A row that has fewer cells than the table's head is filled up: few characters make many cells. */
const MOST_CELLS = 100_000;
/** Of a paragraph: each is held against those before it. */
const MOST_MARKS = 2_000;
/** Quotes and lists within each other on one line, each of which is drawn by a call within a call. */
const DEEP = /^[ \t]*(?:>[ \t]*|(?:[*+-]|\d{1,9}[.)])[ \t]+){50}/m;

/** Whether a Markdown text is drawn without holding its reader's browser up. */
export function isQuicklyDrawn(text: string): boolean {
  if (text.length > MOST_TEXT || DEEP.test(text)) return false;
  const lines = text.split('\n');
  const mostColumns = most(lines, line => line.split('|').length);
  if (mostColumns > 1 && mostColumns * lines.length > MOST_CELLS) return false;
  return most(paragraphsOf(lines), marksIn) <= MOST_MARKS;
}

/** What is between empty lines; of a table, each row. */
function paragraphsOf(lines: string[]): string[] {
  return lines
    .map(line => (line.trim() === '' ? '\n' : line))
    .join('\n')
    .split(/\n{2,}/)
    .flatMap(paragraph => {
      const rows = paragraph.split('\n');
      return /^[ |:-]+$/.test(rows[1] ?? '') ? rows : paragraph;
    });
}

function marksIn(paragraph: string): number {
  return paragraph.match(/[*_~`[\]]/g)?.length ?? 0;
}

function most(texts: string[], count: (text: string) => number): number {
  return texts.reduce((so, text) => Math.max(so, count(text)), 0);
}
