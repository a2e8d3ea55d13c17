import { Button, TextField } from '@backstage/ui';
import { EmptyState, ErrorNotice, Panel } from '@greenroom/ai-react';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import { useState } from 'react';
import { AnswerView } from './AnswerView';
import { CallSnippets } from './CallSnippets';
import { UnservedAlert, WakingNote } from './DataPlaneNotes';
import { ExplainPanel } from './ExplainPanel';
import { ImageForm } from './ImageForm';
import { NumbersForm } from './NumbersForm';
import { RawForm } from './RawForm';
import { usePlaygroundCall } from './usePlaygroundCall';
import { snippets } from './snippets';
import { EXAMPLE_URL, useDataPlanes } from './useDataPlanes';
import {
  type TensorVersionDetail,
  usePlaygroundForm,
} from './usePlaygroundForm';
import styles from './playground.module.css';

interface PlaygroundProps {
  deployment: Deployment;
  /** Undefined to let the traffic split choose. */
  version: number | undefined;
  /** The version that the form is made from. */
  detail: TensorVersionDetail;
}

/** A form made from the version, the answer, and the call as code. */
export function Playground({ deployment, version, detail }: PlaygroundProps) {
  const { environment, model } = deployment;
  const { schema, baseline } = detail;
  const form = usePlaygroundForm(detail);
  const [assignmentId, setAssignmentId] = useState('');
  const target = {
    environment,
    model,
    version,
    assignmentId: assignmentId.trim() || undefined,
  };
  const { state, call } = usePlaygroundCall(target);
  const { address, isServed } = useDataPlanes(deployment);

  return (
    <>
      <div className={styles.columns}>
        <Panel title="Input">
          {form.kind === 'image' && (
            <ImageForm
              schema={form.schema}
              onChange={form.setValues}
              onFinish={values => call(() => form.requestWith(values))}
            />
          )}
          {form.kind === 'numbers' && (
            <NumbersForm
              schema={form.schema}
              baseline={baseline}
              values={form.values}
              onChange={form.setValues}
            />
          )}
          {form.kind === 'raw' && (
            <RawForm text={form.text} onChange={form.setText} />
          )}
          <details className={styles.more}>
            <summary>As another caller</summary>
            <TextField
              label="Assignment id"
              description="A user or session. During a rollout the same id always gets the same version; without one, your own name is used."
              value={assignmentId}
              onChange={setAssignmentId}
            />
          </details>
          <div className={styles.actions}>
            <Button
              variant="primary"
              isPending={state.loading}
              onPress={() => call(form.request)}
            >
              Ask the model
            </Button>
          </div>
        </Panel>
        <Panel title="Answer">
          {state.loading && <WakingNote deployment={deployment} />}
          {state.error && (
            <ErrorNotice title="The model did not answer" error={state.error} />
          )}
          {state.value && (
            <AnswerView
              response={state.value.response}
              latencyMillis={state.value.latencyMillis}
              schema={schema}
            />
          )}
          {!state.value && !state.error && !state.loading && (
            <EmptyState
              title="No answer yet"
              description={
                form.kind === 'image'
                  ? 'Draw something: the model is asked whenever you lift the pen.'
                  : 'Fill in the form and ask the model.'
              }
            />
          )}
        </Panel>
      </div>
      <ExplainPanel
        environment={environment}
        model={model}
        version={
          version ?? (Number(state.value?.response.model_version) || undefined)
        }
        detail={detail}
        request={form.request}
      />
      {!isServed && <UnservedAlert deployment={deployment} address={address} />}
      <CallSnippets
        namesVersion={version !== undefined}
        snippets={snippets({
          baseUrl: address ?? EXAMPLE_URL,
          model,
          version,
          assignmentId: target.assignmentId,
          request: form.previewRequest,
        })}
      />
    </>
  );
}
