import { Text } from '@backstage/ui';
import {
  BarList,
  CodeBlock,
  formatMillis,
  formatNumber,
  formatShare,
} from '@greenroom/ai-react';
import type { InferResponse } from '@greenroom/plugin-ai-inference-common';
import type { ModelSchema } from '@greenroom/plugin-ai-registry-common';
import { readAnswer } from './answer';
import styles from './playground.module.css';

interface AnswerViewProps {
  response: InferResponse;
  schema?: ModelSchema;
  /** As the browser saw it. */
  latencyMillis: number;
}

/** What the model said, which version said it, and how long it took. */
export function AnswerView(props: AnswerViewProps) {
  const { response, schema, latencyMillis } = props;
  const answer = schema && readAnswer(response, schema);
  return (
    <div className={styles.answer} aria-live="polite">
      {answer?.kind === 'class' && (
        <>
          <p className={styles.headline}>{answer.label}</p>
          {answer.probabilities.length > 0 && (
            <BarList
              label="Probability of each class"
              maximum={1}
              formatValue={formatShare}
              items={answer.probabilities.map(({ label, probability }) => ({
                label,
                value: probability,
              }))}
            />
          )}
        </>
      )}
      {answer?.kind === 'value' && (
        <p className={styles.headline}>
          {formatNumber(answer.value)}{' '}
          {answer.unit && <span className={styles.unit}>{answer.unit}</span>}
        </p>
      )}
      <Text as="p" variant="body-small" color="secondary">
        Answered by version {response.model_version ?? 'unknown'} in{' '}
        {formatMillis(latencyMillis)}, measured in this browser and through the
        portal; a program that calls the data plane waits less.
      </Text>
      {!answer && (
        <CodeBlock
          language="Response"
          code={JSON.stringify(response, undefined, 2)}
        />
      )}
    </div>
  );
}
