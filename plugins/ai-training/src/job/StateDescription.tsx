import { CodeBlock } from '@greenroom/ai-react';
import type { Description } from '../jobs/describeJob';
import styles from './job.module.css';

/** What something means, and what one can do about it. */
export function StateDescription({ said }: { said: Description }) {
  return (
    <>
      <p className={styles.text}>{said.explanation}</p>
      {said.code !== undefined && (
        <CodeBlock language="Last lines" code={said.code} />
      )}
      {said.advice !== undefined && (
        <p className={styles.advice}>{said.advice}</p>
      )}
    </>
  );
}
