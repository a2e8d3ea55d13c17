import { toastApiRef, useApi } from '@backstage/frontend-plugin-api';
import { Link, TextField } from '@backstage/ui';
import { fieldError, FormDialog } from '@greenroom/ai-react';
import { useState } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { TRAINING_DOCS } from './docs';
import { problemWithAddress } from './templateLocation';
import styles from './templates.module.css';

export interface RegisterTemplateDialogProps {
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  onDone(): void;
}

/** Asks where a template lies, has it read, and shows what the server says of it. */
export function RegisterTemplateDialog(props: RegisterTemplateDialogProps) {
  const { isOpen, onOpenChange, onDone } = props;
  const training = useApi(aiTrainingApiRef);
  const toasts = useApi(toastApiRef);
  const [target, setTarget] = useState('');
  const [error, setError] = useState<string>();
  const submit = async () => {
    const problem = problemWithAddress(target);
    setError(problem);
    if (problem !== undefined) return false;
    const { spec } = await training.registerTemplate(target.trim());
    setTarget('');
    toasts.post({
      title: `Template ${spec.name} registered`,
      status: 'success',
      timeout: 5_000,
    });
    onDone();
    return true;
  };
  return (
    <FormDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title="Register a template"
      submitLabel="Register"
      failedTitle="The template was not registered"
      onSubmit={submit}
    >
      <TextField
        label="Address of greenroom/train.yaml"
        description="As your Git host shows it in the browser; the branch in it is followed."
        placeholder="https://github.com/vision/digits/blob/main/greenroom/train.yaml"
        isRequired
        autoFocus
        value={target}
        {...fieldError(error)}
        onChange={text => {
          setTarget(text);
          setError(undefined);
        }}
      />
      <p className={styles.text}>
        The file and all that lies beside it in its repository is read with the
        portal&apos;s access to the Git host, and again every few minutes. What
        it says is run, and counts against the quota of the owner that it names.{' '}
        <Link href={TRAINING_DOCS} target="_blank">
          How to write one
        </Link>
      </p>
    </FormDialog>
  );
}
