import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, TextField } from '@backstage/ui';
import { fieldError, FormDialog } from '@greenroom/ai-react';
import {
  aiExperimentUpdatePermission,
  aiRunWritePermission,
  type Run,
} from '@greenroom/plugin-ai-training-common';
import { useState } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import styles from './run.module.css';

export interface RunActionsProps {
  run: Run;
  /** After something was changed. */
  onDone(): void;
}

/** What may be done with a run: rename, delete and restore it. */
export function RunActions(props: RunActionsProps) {
  const { run } = props;
  const resourceRef = run.experiment;
  const mayWrite = usePermission({
    permission: aiRunWritePermission,
    resourceRef,
  }).allowed;
  const mayUpdate = usePermission({
    permission: aiExperimentUpdatePermission,
    resourceRef,
  }).allowed;
  const isDeleted = run.lifecycle === 'deleted';
  return (
    <div className={styles.actions}>
      {mayWrite && !isDeleted && <RenameButton {...props} />}
      {mayUpdate && <LifecycleButton {...props} />}
    </div>
  );
}

function RenameButton({ run, onDone }: RunActionsProps) {
  const training = useApi(aiTrainingApiRef);
  const [isOpen, setOpen] = useState(false);
  const [name, setName] = useState(run.name);
  const [error, setError] = useState<string>();
  const submit = async () => {
    if (name.trim() === '') {
      setError('Write a name: it is what people call the run.');
      return false;
    }
    await training.renameRun(run.id, name.trim());
    onDone();
    return true;
  };
  return (
    <>
      <Button
        variant="secondary"
        onPress={() => {
          setName(run.name);
          setOpen(true);
        }}
      >
        Rename
      </Button>
      <FormDialog
        title="Rename the run"
        isOpen={isOpen}
        onOpenChange={setOpen}
        submitLabel="Rename"
        failedTitle="The run keeps its name"
        onSubmit={submit}
      >
        <TextField
          label="Name"
          isRequired
          autoFocus
          value={name}
          {...fieldError(error)}
          onChange={text => {
            setName(text);
            setError(undefined);
          }}
        />
      </FormDialog>
    </>
  );
}

function LifecycleButton({ run, onDone }: RunActionsProps) {
  const training = useApi(aiTrainingApiRef);
  const [isOpen, setOpen] = useState(false);
  const isDeleted = run.lifecycle === 'deleted';
  const submit = async () => {
    if (isDeleted) await training.restoreRun(run.id);
    else await training.deleteRun(run.id);
    onDone();
  };
  return (
    <>
      <Button variant="secondary" onPress={() => setOpen(true)}>
        {isDeleted ? 'Restore' : 'Delete'}
      </Button>
      <FormDialog
        title={isDeleted ? 'Restore the run' : 'Delete the run'}
        isOpen={isOpen}
        onOpenChange={setOpen}
        submitLabel={isDeleted ? 'Restore run' : 'Delete run'}
        failedTitle={
          isDeleted ? 'The run was not restored' : 'The run was not deleted'
        }
        destructive={!isDeleted}
        onSubmit={submit}
      >
        <p className={styles.relative}>
          {isDeleted
            ? `${run.name} is shown in lists again, and clients may log to it.`
            : `${run.name} is hidden from lists, and nothing more is logged to it. It can be restored from the deleted runs of its experiment.`}
        </p>
      </FormDialog>
    </>
  );
}
