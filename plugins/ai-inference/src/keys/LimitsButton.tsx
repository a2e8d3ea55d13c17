import { useApi } from '@backstage/core-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  DialogTrigger,
} from '@backstage/ui';
import { ErrorNotice } from '@greenroom/ai-react';
import type { ApiKey } from '@greenroom/plugin-ai-inference-common';
import { useState } from 'react';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { fromLimitsForm, isComplete, toLimitsForm } from './limitsForm';
import { LimitsFields } from './LimitsFields';
import styles from './keys.module.css';

/** Says how many tokens a key may use. */
export function LimitsButton(props: { apiKey: ApiKey; onChanged(): void }) {
  const { apiKey, onChanged } = props;
  const inference = useApi(aiInferenceApiRef);
  const [open, setOpen] = useState(false);
  const [form, setForm] = useState(toLimitsForm(apiKey.limits));
  const [state, save] = useAsyncFn(async () => {
    await inference.setKeyLimits(apiKey.id, fromLimitsForm(form));
    setOpen(false);
    onChanged();
  }, [inference, apiKey.id, form, onChanged]);
  const handleOpenChange = (isOpen: boolean) => {
    if (isOpen) setForm(toLimitsForm(apiKey.limits));
    setOpen(isOpen);
  };
  return (
    <DialogTrigger isOpen={open} onOpenChange={handleOpenChange}>
      <Button
        size="small"
        variant="secondary"
        aria-label={`Limits of ${apiKey.name}`}
      >
        Limits
      </Button>
      <Dialog width={460}>
        <DialogHeader>Limits of “{apiKey.name}”</DialogHeader>
        <DialogBody>
          <div className={styles.form}>
            <LimitsFields value={form} onChange={setForm} />
            {state.error && (
              <ErrorNotice
                title="The limits could not be changed"
                error={state.error}
              />
            )}
          </div>
        </DialogBody>
        <DialogFooter>
          <Button variant="secondary" slot="close">
            Cancel
          </Button>
          <Button
            variant="primary"
            isDisabled={!isComplete(form)}
            isPending={state.loading}
            onPress={save}
          >
            Set the limits
          </Button>
        </DialogFooter>
      </Dialog>
    </DialogTrigger>
  );
}
