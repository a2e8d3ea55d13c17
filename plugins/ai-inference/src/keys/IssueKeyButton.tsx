import { useApi } from '@backstage/core-plugin-api';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  DialogTrigger,
} from '@backstage/ui';
import { CodeBlock } from '@greenroom/ai-react';
import type { IssuedApiKey } from '@greenroom/plugin-ai-inference-common';
import { RiAddLine } from '@remixicon/react';
import { useState } from 'react';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { NewKeyForm } from './NewKeyForm';
import styles from './keys.module.css';

interface IssueKeyButtonProps {
  /** Opens at once, for a key of this model. */
  model?: string;
  onIssued(): void;
}

/** Issues a key and shows its secret once. */
export function IssueKeyButton({ model, onIssued }: IssueKeyButtonProps) {
  const inference = useApi(aiInferenceApiRef);
  const [open, setOpen] = useState(model !== undefined);
  const [issued, setIssued] = useState<IssuedApiKey>();

  return (
    <DialogTrigger
      isOpen={open}
      onOpenChange={next => {
        setOpen(next);
        setIssued(undefined);
      }}
    >
      <Button variant="primary" iconStart={<RiAddLine />}>
        Issue a key
      </Button>
      <Dialog
        width={520}
        // The secret cannot be shown again, so a stray click or key must not lose it.
        isDismissable={issued === undefined}
        isKeyboardDismissDisabled={issued !== undefined}
      >
        <DialogHeader>
          {issued ? `The key “${issued.name}”` : 'Issue a key'}
        </DialogHeader>
        {issued ? (
          <Secret issued={issued} />
        ) : (
          <NewKeyForm
            model={model}
            onSubmit={async key => {
              setIssued(await inference.createKey(key));
              onIssued();
            }}
          />
        )}
      </Dialog>
    </DialogTrigger>
  );
}

function Secret({ issued }: { issued: IssuedApiKey }) {
  return (
    <>
      <DialogBody>
        <div className={styles.form}>
          <Alert
            status="warning"
            icon
            title="Copy it now"
            description="This is the only time that the whole key is shown: only its hash is kept. Put it where your program finds its secrets, not into code."
          />
          <CodeBlock code={issued.secret} language="key" />
        </div>
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" slot="close">
          I have stored it
        </Button>
      </DialogFooter>
    </>
  );
}
