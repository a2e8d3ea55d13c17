/** That one node leads to another, by their ids. */
export interface FlowEdge {
  from: string;
  to: string;
}

/** Where the upper left corner of a node is. */
export interface FlowPlace {
  /** Percent of the graph's width. */
  x: number;
  /** Pixels. */
  y: number;
}

/** Width of the space after a column, as a share of a column's own. */
const SPACE = 0.42;

/** Percent of the graph's width: of a node, and from one column to the next. */
export function widthsOf(columns: number): {
  nodeWidth: number;
  columnWidth: number;
} {
  const nodeWidth = 100 / (columns + SPACE * (columns - 1));
  return { nodeWidth, columnWidth: nodeWidth * (1 + SPACE) };
}

/** Places each column's nodes below each other, centred on the tallest column. */
export function placeNodes(
  columns: string[][],
  sizes: { columnWidth: number; rowHeight: number },
): Map<string, FlowPlace> {
  const tallest = Math.max(...columns.map(column => column.length));
  return new Map(
    columns.flatMap((column, index) =>
      column.map((id, row): [string, FlowPlace] => [
        id,
        {
          x: index * sizes.columnWidth,
          y: (row + (tallest - column.length) / 2) * sizes.rowHeight,
        },
      ]),
    ),
  );
}

/** A node, all that leads to it, and all that it leads to. */
export function relatedTo(id: string, edges: FlowEdge[]): Set<string> {
  const follow = (step: (edge: FlowEdge) => [string, string]) => {
    const seen = new Set([id]);
    const queue = [id];
    for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
      for (const [source, target] of edges.map(step)) {
        if (source === at && !seen.has(target)) {
          seen.add(target);
          queue.push(target);
        }
      }
    }
    return seen;
  };
  return new Set([
    ...follow(edge => [edge.from, edge.to]),
    ...follow(edge => [edge.to, edge.from]),
  ]);
}
