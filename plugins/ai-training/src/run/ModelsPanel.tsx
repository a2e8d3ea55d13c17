import {
  ErrorNotice,
  formatNumber,
  type Live,
  Panel,
  PlainTable,
  StatusPill,
  type StatusTone,
} from '@greenroom/ai-react';
import type {
  LoggedModelStatus,
  LoggedModelSummary,
  Run,
} from '@greenroom/plugin-ai-training-common';
import styles from './run.module.css';

export interface ModelsPanelProps {
  run: Run;
  models: Live<LoggedModelSummary[]>;
}

const STATES: Record<LoggedModelStatus, [StatusTone, string]> = {
  PENDING: ['progress', 'Files come'],
  READY: ['good', 'Ready'],
  UPLOAD_FAILED: ['bad', 'Upload failed'],
};

/** Logged models that a run made, and those that it read. */
export function ModelsPanel({ run, models }: ModelsPanelProps) {
  const rows = [
    ...run.outputs.map(({ modelId, step }) => ({
      id: modelId,
      what: 'Made',
      step: formatNumber(step),
    })),
    ...run.inputModels.map(id => ({ id, what: 'Read', step: '–' })),
  ];
  if (rows.length === 0) return null;
  const known = new Map(models.value?.map(model => [model.id, model]));
  return (
    <Panel title={`Models (${rows.length})`}>
      {models.error && (
        <ErrorNotice
          title="The names of the models are not known"
          error={models.error}
          onRetry={models.refresh}
          retries
        />
      )}
      <PlainTable
        label="Models"
        columns={['Model', 'State', 'The run', 'At step']}
        look="facts"
      >
        {rows.map(({ id, what, step }) => {
          const model = known.get(id);
          return (
            <tr key={`${id}-${what}-${step}`}>
              <th scope="row">
                {model?.name}
                <code className={model && styles.modelId}>{id}</code>
              </th>
              <td>
                {model ? (
                  <ModelState model={model} />
                ) : (
                  models.value && 'Gone, or not yours to read'
                )}
              </td>
              <td>{what}</td>
              <td>{step}</td>
            </tr>
          );
        })}
      </PlainTable>
    </Panel>
  );
}

function ModelState({ model }: { model: LoggedModelSummary }) {
  if (model.lifecycle === 'deleted') {
    return <StatusPill tone="neutral">Deleted</StatusPill>;
  }
  const [tone, text] = STATES[model.status];
  return <StatusPill tone={tone}>{text}</StatusPill>;
}
