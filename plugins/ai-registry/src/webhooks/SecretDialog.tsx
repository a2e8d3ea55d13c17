import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
} from '@backstage/ui';
import { CodeBlock } from '@greenroom/ai-react';
import styles from './webhooks.module.css';

export interface SecretDialogProps {
  /** Undefined: nothing is shown. */
  made: { name: string; secret: string } | undefined;
  onClose(): void;
}

/** A hook's secret, the only time that it is shown. */
export function SecretDialog({ made, onClose }: SecretDialogProps) {
  return (
    <Dialog
      isOpen={made !== undefined}
      onOpenChange={onClose}
      width="min(36rem, calc(100vw - 2rem))"
      // It cannot be shown again, so a stray click or key must not lose it.
      isDismissable={false}
      isKeyboardDismissDisabled
    >
      <DialogHeader>{`The secret of “${made?.name}”`}</DialogHeader>
      <DialogBody>
        <div className={styles.secret}>
          <Alert
            status="warning"
            icon
            title="Copy it now"
            description="This is the only time that it is shown. Put it where your receiver finds its secrets, not into code; there, it is the key of the signatures."
          />
          <CodeBlock code={made?.secret ?? ''} language="secret" />
        </div>
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" onPress={onClose}>
          I have stored it
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
