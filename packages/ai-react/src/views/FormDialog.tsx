import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
} from '@backstage/ui';
import { toError } from '@backstage/errors';
import { useState, type FormEvent, type ReactNode } from 'react';
import { ErrorNotice } from './ErrorNotice';
import styles from './FormDialog.module.css';

export interface FormDialogProps {
  title: string;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  /** Words on the button that sends. */
  submitLabel: string;
  /** Headline above the server's words when it refuses. */
  failedTitle: string;
  /** Red button, for what takes something away. */
  destructive?: boolean;
  isDisabled?: boolean;
  /** Stops what `onSubmit` began, for what may take long; without it, sending cannot be stopped. */
  onAbort?(): void;
  /** Sends the form. False keeps the dialog open because a field is wrong; an error is shown. */
  onSubmit(): Promise<boolean | void>;
  children: ReactNode;
}

/** A dialog with a form: sends once, stays open with the server's words when refused, until something is changed. */
export function FormDialog(props: FormDialogProps) {
  const { isOpen, onOpenChange, title, children } = props;
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<Error>();

  const change = (open: boolean) => {
    if (!open) setError(undefined);
    onOpenChange(open);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    // A form in a dialog may be opened inside another form's tree.
    event.stopPropagation();
    if (sending) return;
    setSending(true);
    setError(undefined);
    try {
      if ((await props.onSubmit()) !== false) change(false);
    } catch (refusal) {
      const failure = toError(refusal);
      if (failure.name !== 'AbortError') setError(failure);
    } finally {
      setSending(false);
    }
  };

  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={change}
      width="min(36rem, calc(100vw - 2rem))"
      isDismissable={!sending}
      isKeyboardDismissDisabled={sending}
    >
      <DialogHeader>{title}</DialogHeader>
      <form
        onSubmit={submit}
        // What was refused is not what the form holds now.
        onChange={() => setError(undefined)}
        onDrop={() => setError(undefined)}
        className={styles.form}
        noValidate
      >
        <DialogBody className={styles.body}>
          {children}
          {error && <ErrorNotice title={props.failedTitle} error={error} />}
        </DialogBody>
        <DialogFooter>
          <Button
            type="submit"
            variant="primary"
            destructive={props.destructive}
            isPending={sending}
            isDisabled={props.isDisabled}
          >
            {props.submitLabel}
          </Button>
          <Button
            variant="secondary"
            isDisabled={sending && !props.onAbort}
            onPress={() => (sending ? props.onAbort?.() : change(false))}
          >
            {sending && props.onAbort ? 'Stop' : 'Cancel'}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
