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
import { ScopesField } from './ScopesField';
import styles from './keys.module.css';

/** Says what a key may do besides calling models, and how much it may ask for. */
export function EditKeyButton(props: { apiKey: ApiKey; onChanged(): void }) {
  const { apiKey, onChanged } = props;
  const inference = useApi(aiInferenceApiRef);
  const [open, setOpen] = useState(false);
  const [scopes, setScopes] = useState(apiKey.scopes);
  const [form, setForm] = useState(toLimitsForm(apiKey));
  const [state, save] = useAsyncFn(async () => {
    const { id } = apiKey;
    if (!isSame(scopes, apiKey.scopes)) {
      await inference.setKeyScopes(id, scopes);
      // What was saved is shown, also where the limits are refused.
      onChanged();
    }
    const limits = fromLimitsForm(form);
    if (!isSame(limits, fromLimitsForm(toLimitsForm(apiKey)))) {
      await inference.setKeyLimits(id, limits);
    }
    setOpen(false);
    onChanged();
  }, [inference, apiKey, scopes, form, onChanged]);
  const handleOpenChange = (isOpen: boolean) => {
    if (isOpen) {
      setScopes(apiKey.scopes);
      setForm(toLimitsForm(apiKey));
    }
    setOpen(isOpen);
  };
  return (
    <DialogTrigger isOpen={open} onOpenChange={handleOpenChange}>
      <Button
        size="small"
        variant="secondary"
        aria-label={`Edit ${apiKey.name}`}
      >
        Edit
      </Button>
      <Dialog width={520}>
        <DialogHeader>Scopes and limits of “{apiKey.name}”</DialogHeader>
        <DialogBody>
          <div className={styles.form}>
            <ScopesField value={scopes} onChange={setScopes} />
            <LimitsFields value={form} onChange={setForm} />
            {state.error && (
              <ErrorNotice
                title="The key could not be changed"
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
            Save
          </Button>
        </DialogFooter>
      </Dialog>
    </DialogTrigger>
  );
}

function isSame<T>(one: T, other: T): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
