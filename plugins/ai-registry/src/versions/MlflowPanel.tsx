import { Facts, Panel, StatusPill } from '@greenroom/ai-react';
import type { ModelVersion } from '@greenroom/plugin-ai-registry-common';

/** What MLmodel of a version says, and which of its files run code. */
export function MlflowPanel(props: {
  version: Pick<ModelVersion, 'mlflow' | 'pickles' | 'stage'>;
}) {
  const { mlflow, pickles, stage } = props.version;
  return (
    <Panel
      title={mlflow ? 'MLflow' : 'Pickles'}
      description={
        mlflow
          ? 'What MLmodel in its files says of itself.'
          : 'Files that run code when they are loaded.'
      }
    >
      {pickles && (
        <StatusPill tone="warning">
          Some files run code of whoever made them when they are loaded
        </StatusPill>
      )}
      <Facts
        facts={[
          { label: 'Pickles', value: pickles?.join(', '), wide: true },
          ...(mlflow?.flavors ?? []).map(({ name, facts }) => ({
            label: `Flavor ${name}`,
            value:
              Object.entries(facts)
                .map(([key, value]) => `${key} ${value}`)
                .join(', ') || 'nothing further',
            wide: true,
          })),
          { label: 'Signature', value: mlflow?.signatureProblem, wide: true },
          { label: 'MLflow', value: mlflow?.mlflowVersion },
          { label: 'Logged model', value: mlflow?.modelId, wide: true },
          { label: 'Run', value: mlflow?.run, wide: true },
          { label: 'Stage', value: stage },
        ]}
      />
    </Panel>
  );
}
