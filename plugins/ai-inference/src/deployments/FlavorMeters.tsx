import { EmptyState } from '@greenroom/ai-react';
import type { FlavorCapacity } from '@greenroom/plugin-ai-inference-common';
import styles from './deployments.module.css';

/** How much of each flavor is in use, as bars and in words. */
export function FlavorMeters(props: {
  flavors: FlavorCapacity[];
  /** Name of their cluster. */
  cluster: string | undefined;
}) {
  const { flavors, cluster } = props;
  if (flavors.length === 0) {
    return (
      <EmptyState
        title="No flavor is found there"
        description="Name the platform's kinds of machines in greenroom.flavors, with the labels of their nodes, to see how much of each is free."
      />
    );
  }
  return (
    <ul
      className={styles.meters}
      aria-label={`Flavors of ${cluster ?? "the portal's cluster"}`}
    >
      {flavors.map(one => (
        <li key={one.flavor} className={styles.meter}>
          <span>{one.title}</span>
          <Bar capacity={one} />
          <span className={styles.subtle}>{describe(one)}</span>
        </li>
      ))}
    </ul>
  );
}

function Bar({ capacity }: { capacity: FlavorCapacity }) {
  const { title, total, free } = capacity;
  const used = free === undefined ? 0 : total - free;
  const share = total === 0 ? 0 : used / total;
  return (
    <div
      className={styles.bar}
      role="meter"
      aria-label={`${title} in use`}
      aria-valuemin={0}
      aria-valuemax={Math.max(total, 1)}
      aria-valuenow={used}
      aria-valuetext={describe(capacity)}
      data-full={total > 0 && free === 0}
    >
      <div className={styles.barFill} style={{ width: `${share * 100}%` }} />
    </div>
  );
}

function describe(one: FlavorCapacity): string {
  const { total, free, nodes, capacity, environments } = one;
  const parts = [
    free === undefined
      ? `${total} in all, how many are free is not known`
      : `${total - free} of ${total} in use, ${free} free`,
    nodes.usable === nodes.matching
      ? `on ${nodes.matching} ${nodes.matching === 1 ? 'node' : 'nodes'}`
      : `on ${nodes.usable} of ${nodes.matching} nodes: the others are not ready, cordoned or tainted`,
    ...(capacity === undefined
      ? []
      : [`the settings say that there are ${capacity}`]),
    ...(environments.length === 0 ? [] : [`for ${environments.join(', ')}`]),
  ];
  return parts.join('; ');
}
