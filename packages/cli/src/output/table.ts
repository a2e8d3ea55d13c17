/** How a column of a table is made. */
export interface Column<Item> {
  title: string;
  /** For people. */
  of(item: Item): string | number | undefined;
  /** For programs, where that is another text: whole, with all digits. */
  plain?(item: Item): string | number | undefined;
  isNumber?: boolean;
}

const GAP = '  ';
const NARROWEST = 6;
const CUT = '…';

const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const WIDE =
  /^(?:\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\u3000-\u303e\uff01-\uff60])/u;

/**
 * The lines of a table. For a terminal its columns are aligned, and the widest cells are cut until the
 * lines fit; otherwise there are tabs between the cells, and nothing is cut.
 *
 * @param width - columns of the terminal; undefined for a pipe or a file
 */
export function tableLines<Item>(
  columns: readonly Column<Item>[],
  items: readonly Item[],
  width: number | undefined,
): string[] {
  const isTerminal = width !== undefined;
  const rows = [
    columns.map(({ title }) => title),
    ...items.map(item =>
      columns.map(column => {
        const cell = isTerminal ? column.of : column.plain ?? column.of;
        return oneLine(String(cell(item) ?? ''));
      }),
    ),
  ];
  if (!isTerminal) return rows.map(row => row.join('\t'));
  const widths = fit(
    columns.map((_, at) => Math.max(...widthsOf(rows, at))),
    width - GAP.length * (columns.length - 1),
  );
  return rows.map(row =>
    cut(
      row
        .map((cell, at) =>
          pad(cut(cell, widths[at]), widths[at], columns[at].isNumber),
        )
        .join(GAP)
        .trimEnd(),
      width,
    ),
  );
}

/** What is known of one thing, a line each; what is not known has none. */
export function factLines(
  facts: readonly (readonly [string, string | number | undefined])[],
  width: number | undefined,
): string[] {
  const known = facts.filter(
    ([, value]) => value !== undefined && value !== '',
  );
  if (width === undefined) {
    return known.map(([name, value]) => `${name}\t${oneLine(String(value))}`);
  }
  const widest = Math.max(0, ...known.map(([name]) => name.length));
  return known.map(
    ([name, value]) => `${name.padEnd(widest)}${GAP}${oneLine(String(value))}`,
  );
}

/** Others wrote it: it may hold line ends, or what moves a terminal's cursor and changes its colours. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** The same for what may have several lines, such as an error. */
export function withoutControls(text: string): string {
  return text.replaceAll(/(?![\n\t])\p{Cc}/gu, ' ');
}

function* widthsOf(rows: string[][], at: number): Generator<number> {
  for (const row of rows) yield widthOf(row[at]);
}

/** Takes from the widest ones until all of them have room, or none can be narrower. */
function fit(wanted: number[], room: number): number[] {
  const widths = [...wanted];
  let over = widths.reduce((sum, one) => sum + one, 0) - room;
  while (over > 0) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    const next = Math.max(NARROWEST, ...widths.filter(one => one < widest));
    const at = widths.lastIndexOf(widest);
    const taken = Math.min(over, Math.max(1, widest - next));
    widths[at] -= taken;
    over -= taken;
  }
  return widths;
}

function pad(text: string, width: number, isNumber = false): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return isNumber ? space + text : text + space;
}

function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = CUT.length;
  for (const { segment } of segments.segment(text)) {
    used += widthOfOne(segment);
    if (used > width) break;
    kept += segment;
  }
  return kept + CUT;
}

/** Columns of a terminal that a text takes. */
function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segments.segment(text))
    width += widthOfOne(segment);
  return width;
}

function widthOfOne(segment: string): number {
  return WIDE.test(segment) ? 2 : 1;
}
