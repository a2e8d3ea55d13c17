import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { useState } from 'react';
import { versionRouteRef } from '../routes';
import styles from './LineageGraph.module.css';
import { LINEAGE_COLUMNS, type Lineage, type LineageNode } from './lineage';

/** Pixels from one node of a column to the next. */
const ROW_HEIGHT = 76;
const NODE_HEIGHT = 56;
/** Width of a node and distance of columns, in percent of the graph. */
const NODE_WIDTH = 19;
const COLUMN_WIDTH = 27;

interface Place {
  x: number;
  y: number;
}

/** Four columns of nodes with lines between them; pointing at a node brings out what belongs to it. */
export function LineageGraph(props: { model: string; lineage: Lineage }) {
  const { model, lineage } = props;
  const [pointed, setPointed] = useState<string>();
  const places = placeNodes(lineage.nodes);
  const height =
    Math.max(...[...places.values()].map(({ y }) => y)) + NODE_HEIGHT;
  const related = pointed ? relatedTo(pointed, lineage.edges) : undefined;
  const titles = new Map(lineage.nodes.map(node => [node.id, node.title]));

  return (
    <div className={styles.scroll}>
      <div className={styles.columns} aria-hidden="true">
        {LINEAGE_COLUMNS.map(({ id, title }, column) => (
          <span key={id} style={{ left: `${column * COLUMN_WIDTH}%` }}>
            {title}
          </span>
        ))}
      </div>
      <div className={styles.graph} style={{ height }}>
        <svg
          className={styles.edges}
          viewBox={`0 0 100 ${height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          {lineage.edges.map(({ from, to }) => (
            <path
              key={`${from} ${to}`}
              d={curve(places.get(from), places.get(to))}
              data-faded={
                (related && !(related.has(from) && related.has(to))) ||
                undefined
              }
            />
          ))}
        </svg>
        <ul className={styles.nodes} aria-label="Lineage">
          {lineage.nodes.map(node => {
            const place = places.get(node.id);
            const next = lineage.edges
              .filter(edge => edge.from === node.id)
              .map(edge => titles.get(edge.to));
            return (
              <li
                key={node.id}
                className={styles.node}
                data-column={node.column}
                data-faded={(related && !related.has(node.id)) || undefined}
                style={{
                  left: `${place?.x}%`,
                  top: place?.y,
                  width: `${NODE_WIDTH}%`,
                  height: NODE_HEIGHT,
                }}
                onPointerEnter={() => setPointed(node.id)}
                onPointerLeave={() => setPointed(undefined)}
              >
                <NodeTitle model={model} node={node} />
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

function NodeTitle({ model, node }: { model: string; node: LineageNode }) {
  const versionLink = useRouteRef(versionRouteRef);
  const href =
    node.version === undefined
      ? node.url
      : versionLink?.({ name: model, version: String(node.version) });
  return href ? (
    <Link
      href={href}
      weight="bold"
      variant="body-small"
      standalone
      {...(node.url && { target: '_blank', rel: 'noreferrer' })}
    >
      {node.title}
    </Link>
  ) : (
    <span className={styles.title} title={node.title}>
      {node.title}
    </span>
  );
}

/** Places each column's nodes below each other, centred on the tallest column. */
function placeNodes(nodes: LineageNode[]): Map<string, Place> {
  const columns = LINEAGE_COLUMNS.map(({ id }) =>
    nodes.filter(node => node.column === id),
  );
  const tallest = Math.max(...columns.map(column => column.length));
  return new Map(
    columns.flatMap((column, index) =>
      column.map((node, row): [string, Place] => [
        node.id,
        {
          x: index * COLUMN_WIDTH,
          y: (row + (tallest - column.length) / 2) * ROW_HEIGHT,
        },
      ]),
    ),
  );
}

function curve(from: Place | undefined, to: Place | undefined): string {
  if (!from || !to) return '';
  const startX = from.x + NODE_WIDTH;
  const startY = from.y + NODE_HEIGHT / 2;
  const endY = to.y + NODE_HEIGHT / 2;
  const bend = (to.x - startX) / 2;
  return `M${startX},${startY} C${startX + bend},${startY} ${
    to.x - bend
  },${endY} ${to.x},${endY}`;
}

/** A node, all that leads to it, and all that it leads to. */
function relatedTo(id: string, edges: Lineage['edges']): Set<string> {
  const follow = (
    start: string,
    step: (edge: Lineage['edges'][number]) => [string, string],
  ) => {
    const seen = new Set([start]);
    const queue = [start];
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
    ...follow(id, edge => [edge.from, edge.to]),
    ...follow(id, edge => [edge.to, edge.from]),
  ]);
}
