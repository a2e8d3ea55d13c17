import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, TextAreaField, TextField } from '@backstage/ui';
import { fieldError, FormDialog } from '@greenroom/ai-react';
import {
  aiExperimentUpdatePermission,
  DEFAULT_EXPERIMENT,
  DESCRIPTION_TAG,
  type Experiment,
} from '@greenroom/plugin-ai-training-common';
import { useState } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import styles from './experiment.module.css';

export interface ExperimentActionsProps {
  experiment: Experiment;
  /** After something was changed. */
  onDone(): void;
}

/** What may be done with an experiment: rename, describe, delete and restore it. */
export function ExperimentActions(props: ExperimentActionsProps) {
  const { experiment } = props;
  const mayUpdate = usePermission({
    permission: aiExperimentUpdatePermission,
    resourceRef: experiment.id,
  }).allowed;
  // It is for clients that name none: it keeps its name, and is always there.
  if (!mayUpdate || experiment.id === DEFAULT_EXPERIMENT) return null;
  const isDeleted = experiment.lifecycle === 'deleted';
  return (
    <div className={styles.actions}>
      {!isDeleted && <EditButton {...props} />}
      <LifecycleButton {...props} />
    </div>
  );
}

function EditButton({ experiment, onDone }: ExperimentActionsProps) {
  const training = useApi(aiTrainingApiRef);
  const before = {
    name: experiment.name,
    description: experiment.tags[DESCRIPTION_TAG] ?? '',
  };
  const [isOpen, setOpen] = useState(false);
  const [form, setForm] = useState(before);
  const [error, setError] = useState<string>();
  const submit = async () => {
    const name = form.name.trim();
    if (name === '') {
      setError('Write a name: scripts name the experiment by it.');
      return false;
    }
    // What somebody else changed meanwhile stays as they have it.
    await training.updateExperiment(experiment.id, {
      ...(name !== before.name && { name }),
      ...(form.description !== before.description && {
        description: form.description,
      }),
    });
    onDone();
    return true;
  };
  return (
    <>
      <Button
        variant="secondary"
        onPress={() => {
          setForm(before);
          setError(undefined);
          setOpen(true);
        }}
      >
        Edit
      </Button>
      <FormDialog
        title="Edit the experiment"
        isOpen={isOpen}
        onOpenChange={setOpen}
        submitLabel="Save"
        failedTitle="The experiment was not changed"
        onSubmit={submit}
      >
        <TextField
          label="Name"
          description="Scripts that name it otherwise make another experiment: change them, too."
          isRequired
          autoFocus
          value={form.name}
          {...fieldError(error)}
          onChange={name => {
            setForm(old => ({ ...old, name }));
            setError(undefined);
          }}
        />
        <TextAreaField
          label="Description"
          description="Markdown."
          rows={4}
          value={form.description}
          onChange={description => setForm(old => ({ ...old, description }))}
        />
      </FormDialog>
    </>
  );
}

function LifecycleButton({ experiment, onDone }: ExperimentActionsProps) {
  const training = useApi(aiTrainingApiRef);
  const [isOpen, setOpen] = useState(false);
  const { id, name } = experiment;
  const isDeleted = experiment.lifecycle === 'deleted';
  const submit = async () => {
    if (isDeleted) await training.restoreExperiment(id);
    else await training.deleteExperiment(id);
    onDone();
  };
  return (
    <>
      <Button variant="secondary" onPress={() => setOpen(true)}>
        {isDeleted ? 'Restore' : 'Delete'}
      </Button>
      <FormDialog
        title={isDeleted ? 'Restore the experiment' : 'Delete the experiment'}
        isOpen={isOpen}
        onOpenChange={setOpen}
        submitLabel={isDeleted ? 'Restore experiment' : 'Delete experiment'}
        failedTitle={
          isDeleted
            ? 'The experiment was not restored'
            : 'The experiment was not deleted'
        }
        destructive={!isDeleted}
        onSubmit={submit}
      >
        <p className={styles.text}>
          {isDeleted
            ? `${name} is shown in lists again, with the runs that were deleted with it, and clients may log to it.`
            : `${name} and its runs are hidden from lists, and nothing more is logged to them. It can be restored: it is among the deleted experiments. Versions that were registered from its runs stay.`}
        </p>
      </FormDialog>
    </>
  );
}
