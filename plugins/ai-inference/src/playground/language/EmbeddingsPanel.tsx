import { useApi } from '@backstage/core-plugin-api';
import { Button, Text, TextAreaField, TextField } from '@backstage/ui';
import {
  BarList,
  EmptyState,
  ErrorNotice,
  formatMillis,
  formatNumber,
  Panel,
} from '@greenroom/ai-react';
import {
  type Deployment,
  HEADER_ANSWERING_VERSION,
} from '@greenroom/plugin-ai-inference-common';
import { useState } from 'react';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { aiInferenceApiRef } from '../../api/AiInferenceApi';
import { WakingNote } from '../DataPlaneNotes';
import { rankBySimilarity } from './similarity';
import playground from '../playground.module.css';

const MOST_TEXTS = 20;

/** Which of some texts are most like another one, by the model's embeddings. */
export function EmbeddingsPanel(props: {
  deployment: Deployment;
  /** Undefined to let the traffic split choose. */
  version: number | undefined;
}) {
  const { deployment, version } = props;
  const { environment, model } = deployment;
  const inference = useApi(aiInferenceApiRef);
  const [text, setText] = useState('How do I get my money back?');
  const [others, setOthers] = useState(
    'Refunds are paid within a week.\nOur office is in Lisbon.\nThe weather is fine today.',
  );
  const texts = [
    text.trim(),
    ...others.split('\n').map(line => line.trim()),
  ].filter(line => line !== '');
  const tooMany = texts.length - 1 > MOST_TEXTS;
  const [state, compare] = useAsyncFn(async () => {
    const startedAt = performance.now();
    const response = await inference.ask(
      { environment, model, version, task: 'embeddings' },
      { input: texts },
    );
    const body: { data: { index: number; embedding: number[] }[] } =
      await response.json();
    const embeddings = [...body.data]
      .sort((a, b) => a.index - b.index)
      .map(({ embedding }) => embedding);
    return {
      texts,
      ranked: rankBySimilarity(embeddings),
      dimensions: embeddings[0].length,
      version: response.headers.get(HEADER_ANSWERING_VERSION),
      millis: performance.now() - startedAt,
    };
  }, [inference, environment, model, version, text, others]);
  const { value, error, loading } = state;
  return (
    <div className={playground.columns}>
      <Panel title="Texts">
        <div className={playground.numbers}>
          <TextField label="A text" value={text} onChange={setText} />
          <TextAreaField
            label="Texts to compare it with"
            description={`One a line, ${MOST_TEXTS} at most.`}
            rows={6}
            value={others}
            onChange={setOthers}
          />
          <div className={playground.actions}>
            <Button
              variant="primary"
              isPending={loading}
              isDisabled={text.trim() === '' || texts.length < 2 || tooMany}
              onPress={compare}
            >
              Compare
            </Button>
          </div>
        </div>
      </Panel>
      <Panel title="How alike they are">
        {loading && <WakingNote deployment={deployment} />}
        {error && (
          <ErrorNotice title="The model did not answer" error={error} />
        )}
        {!value && !error && !loading && (
          <EmptyState
            title="No answer yet"
            description="Write some texts and compare them."
          />
        )}
        {value && (
          <div className={playground.answer} aria-live="polite">
            <BarList
              label={`Likeness to "${value.texts[0]}"`}
              maximum={1}
              formatValue={formatNumber}
              items={value.ranked.map(({ index, similarity }) => ({
                label: value.texts[index],
                // Less than nothing in common is drawn as nothing.
                value: Math.max(0, similarity ?? 0),
              }))}
            />
            <Text as="p" variant="body-small" color="secondary">
              The cosine between embeddings of {value.dimensions} numbers.
              Answered by version {value.version ?? 'unknown'} in{' '}
              {formatMillis(value.millis)}.
            </Text>
          </div>
        )}
      </Panel>
    </div>
  );
}
