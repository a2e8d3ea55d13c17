import { useApi } from '@backstage/core-plugin-api';
import { Button, Text } from '@backstage/ui';
import {
  EmptyState,
  ErrorNotice,
  formatNumber,
  formatShare,
  Panel,
} from '@greenroom/ai-react';
import type {
  ExplainResponse,
  InferRequest,
} from '@greenroom/plugin-ai-inference-common';
import type { Environment } from '@greenroom/plugin-ai-registry-common';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { AttributionBars } from './AttributionBars';
import { AttributionMap } from './AttributionMap';
import type { TensorVersionDetail } from './usePlaygroundForm';
import styles from './playground.module.css';

interface ExplainPanelProps {
  environment: Environment;
  model: string;
  /** The version that is explained; the one with the most traffic when undefined. */
  version: number | undefined;
  /** The version that the form is made from. */
  detail: TensorVersionDetail;
  request(): InferRequest;
}

interface Explained {
  response: ExplainResponse;
  /** Of an image, what was explained. */
  pixels: number[];
}

/** What each feature, or each patch of an image, adds to the answer. */
export function ExplainPanel(props: ExplainPanelProps) {
  const { environment, model, version, detail, request } = props;
  const inference = useApi(aiInferenceApiRef);
  const [state, explain] = useAsyncFn(
    async (): Promise<Explained> => {
      const made = request();
      const response = await inference.explain(
        { environment, model, version },
        made,
      );
      return { response, pixels: made.inputs[0].data.flat().map(Number) };
    },
    [inference, environment, model, version, request],
    { loading: false },
  );
  const { value, error, loading } = state;
  return (
    <Panel
      title="Why this answer?"
      description="What each part of the input adds, against typical rows."
      actions={
        <Button
          size="small"
          variant="secondary"
          isPending={loading}
          onPress={explain}
        >
          Explain
        </Button>
      }
    >
      <div aria-live="polite">
        {error && !loading && (
          <ErrorNotice title="The answer was not explained" error={error} />
        )}
        {!value && !error && (
          <EmptyState
            title={
              loading ? 'The model is being asked' : 'Nothing explained yet'
            }
            description={
              loading
                ? 'Thousands of rows are asked for, in the time that callers leave.'
                : 'Fill in the input, then press Explain.'
            }
          />
        )}
        {value && !error && <Explanation {...value} detail={detail} />}
      </div>
    </Panel>
  );
}

function Explanation({
  response,
  pixels,
  detail,
}: Explained & { detail: TensorVersionDetail }) {
  const { patches, features, words } = response;
  const image = detail.schema?.image;
  const titleOf = (name: string) =>
    detail.schema?.features.find(feature => feature.name === name)
      ?.description ?? name;
  return (
    <div className={styles.answer}>
      <Text as="p" variant="body-medium">
        {sentenceOf(response)}
      </Text>
      {patches && image && (
        <AttributionMap patches={patches} image={image} pixels={pixels} />
      )}
      {features && (
        <AttributionBars
          label="What each feature adds"
          parts={features.map(({ name, value, ...part }) => ({
            ...part,
            label: titleOf(name),
            detail:
              typeof value === 'number' ? formatNumber(value) : `${value}`,
          }))}
        />
      )}
      {words && (
        <AttributionBars
          label="What each word adds"
          parts={words.map(({ text, ...part }) => ({ ...part, label: text }))}
        />
      )}
      <Text as="p" variant="body-small" color="secondary">
        {methodOf(response)}
      </Text>
    </div>
  );
}

function sentenceOf(response: ExplainResponse): string {
  const { explains, prediction, base_value: base } = response;
  const format = explains === 'value' ? formatNumber : formatShare;
  const of = {
    value: 'The estimate',
    probability: `The probability of "${response.class}"`,
    score: `The score of "${response.class}"`,
    'is-predicted': `Whether "${response.class}" is the answer`,
  }[explains];
  return `${of} is ${format(prediction)}; on typical rows it is ${format(
    base,
  )}.`;
}

const METHODS: Record<ExplainResponse['method'], string> = {
  exact: 'Exact Shapley values',
  permutation: 'Shapley values by random orders',
  kernel: 'Shapley values by KernelSHAP',
  occlusion: 'What is lost when a patch is replaced',
  lime: 'A linear model around the row (LIME)',
};

function methodOf(response: ExplainResponse): string {
  const { method, background, evaluations, fit, stability } = response;
  const trust =
    fit === undefined || stability === undefined
      ? ''
      : ` It explains ${formatShare(fit)} of what happens there; ${formatShare(
          stability,
        )} of the most important parts stay with other seeds.`;
  return `${METHODS[method]}, version ${response.model_version}, against ${
    background.rows
  } reference rows; the model was asked for ${formatNumber(
    evaluations,
  )} rows.${trust}`;
}
