import { Link } from '@backstage/ui';
import { useState } from 'react';
import { type FlowEdge, placeNodes, relatedTo, widthsOf } from './flow';
import styles from './FlowGraph.module.css';

export interface FlowNode {
  id: string;
  /** Id of its column. */
  column: string;
  title: string;
  detail?: string;
  /** Its page, where it has one that the viewer can open. */
  href?: string;
  /** Whether the page is outside of the portal. */
  isExternal?: boolean;
  /** `main`: what it is all about, `good`: what serves, `missing`: a place that nothing fills. */
  tone?: 'main' | 'good' | 'missing';
}

export interface FlowGraphProps {
  /** Read out by screen readers: what the graph tells of. */
  label: string;
  /** From left to right. */
  columns: readonly { id: string; title: string }[];
  nodes: FlowNode[];
  /** From left to right. */
  edges: FlowEdge[];
}

/** Pixels. */
const NODE_HEIGHT = 56;
const ROW_HEIGHT = 76;

/**
 * Columns of nodes with lines between them; pointing at a node brings out what belongs to it. For screen readers and on
 * a phone it is a list, column after column.
 */
export function FlowGraph(props: FlowGraphProps) {
  const { label, columns, edges } = props;
  const [pointed, setPointed] = useState<string>();
  const nodes = columns.flatMap(({ id }) =>
    props.nodes.filter(({ column }) => column === id),
  );
  const { nodeWidth, columnWidth } = widthsOf(columns.length);
  const places = placeNodes(
    columns.map(({ id }) =>
      nodes.filter(({ column }) => column === id).map(node => node.id),
    ),
    { columnWidth, rowHeight: ROW_HEIGHT },
  );
  const height =
    Math.max(0, ...[...places.values()].map(({ y }) => y)) + NODE_HEIGHT;
  const related = pointed ? relatedTo(pointed, edges) : undefined;
  const titles = new Map(nodes.map(node => [node.id, node.title]));
  const curve = (from: string, to: string) => {
    const [start, end] = [places.get(from), places.get(to)];
    if (!start || !end) return '';
    const startX = start.x + nodeWidth;
    const startY = start.y + NODE_HEIGHT / 2;
    const endY = end.y + NODE_HEIGHT / 2;
    const bend = (end.x - startX) / 2;
    return `M${startX},${startY} C${startX + bend},${startY} ${
      end.x - bend
    },${endY} ${end.x},${endY}`;
  };

  return (
    <div className={styles.scroll}>
      <div
        className={styles.columns}
        aria-hidden="true"
        style={{ minWidth: `${columns.length * 10}rem` }}
      >
        {columns.map(({ id, title }, column) => (
          <span key={id} style={{ left: `${column * columnWidth}%` }}>
            {title}
          </span>
        ))}
      </div>
      <div
        className={styles.graph}
        style={{ height, minWidth: `${columns.length * 10}rem` }}
      >
        <svg
          className={styles.edges}
          viewBox={`0 0 100 ${height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          {edges.map(({ from, to }) => (
            <path
              key={`${from} ${to}`}
              d={curve(from, to)}
              data-faded={
                (related && !(related.has(from) && related.has(to))) ||
                undefined
              }
            />
          ))}
        </svg>
        <ul className={styles.nodes} aria-label={label}>
          {nodes.map(node => {
            const place = places.get(node.id);
            const next = edges
              .filter(edge => edge.from === node.id)
              .map(edge => titles.get(edge.to));
            return (
              <li
                key={node.id}
                className={styles.node}
                data-tone={node.tone}
                data-kind={columns.find(({ id }) => id === node.column)?.title}
                data-faded={(related && !related.has(node.id)) || undefined}
                style={{
                  left: `${place?.x}%`,
                  top: place?.y,
                  width: `${nodeWidth}%`,
                  height: NODE_HEIGHT,
                }}
                onPointerEnter={() => setPointed(node.id)}
                onPointerLeave={() => setPointed(undefined)}
              >
                <NodeTitle node={node} />
                {node.detail && (
                  <span className={styles.detail} title={node.detail}>
                    {node.detail}
                  </span>
                )}
                {next.length > 0 && (
                  <span className={styles.hidden}>
                    leads to {next.join(', ')}
                  </span>
                )}
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}

function NodeTitle({ node }: { node: FlowNode }) {
  if (!node.href) {
    return (
      <span className={styles.title} title={node.title}>
        {node.title}
      </span>
    );
  }
  return (
    <Link
      href={node.href}
      weight="bold"
      variant="body-small"
      standalone
      className={styles.title}
      title={node.title}
      {...(node.isExternal && { target: '_blank', rel: 'noreferrer' })}
    >
      {node.title}
    </Link>
  );
}
