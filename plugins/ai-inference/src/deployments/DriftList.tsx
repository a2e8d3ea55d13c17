import styles from './deployments.module.css';

/** What differs in the cluster from what is wanted, a sentence each. */
export function DriftList(props: { environment: string; drift: string[] }) {
  const { environment, drift } = props;
  return (
    <ul
      className={styles.drift}
      aria-label={`What differs in the cluster of ${environment}`}
    >
      {drift.map(sentence => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
