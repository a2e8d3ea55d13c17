// @ts-check
/**
 * A table of Markdown, as the formatter has it: columns as wide as their widest cell.
 *
 * @param {string[][]} rows - the first one is the heading
 */
export function table(rows) {
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map(row => row[column].length)),
  );
  const line = cells =>
    `| ${cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join(' | ')} |`;
  const [head, ...body] = rows;
  return [
    line(head),
    line(widths.map(width => '-'.repeat(width))),
    ...body.map(line),
  ].join('\n');
}
