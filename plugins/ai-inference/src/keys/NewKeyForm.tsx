import { useApi } from '@backstage/core-plugin-api';
import {
  Button,
  Checkbox,
  CheckboxGroup,
  DialogBody,
  DialogFooter,
  Select,
  Switch,
  TextField,
} from '@backstage/ui';
import { ErrorNotice } from '@greenroom/ai-react';
import type { NewApiKey } from '@greenroom/plugin-ai-inference-common';
import { FormEvent, useState } from 'react';
import useAsync from 'react-use/esm/useAsync';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { modelsApiRef } from '../api/ModelsApi';
import { expiryOf, Lifetime, LIFETIMES } from './keyState';
import styles from './keys.module.css';

interface NewKeyFormProps {
  onSubmit(key: NewApiKey): Promise<void>;
}

/** Body and footer of the dialog that issues a key. */
export function NewKeyForm({ onSubmit }: NewKeyFormProps) {
  const registry = useApi(modelsApiRef);
  const [name, setName] = useState('');
  const [allModels, setAllModels] = useState(true);
  const [chosen, setChosen] = useState<string[]>([]);
  const [lifetime, setLifetime] = useState<Lifetime>('90');
  const models = useAsync(
    () => registry.listModels({ limit: 100 }),
    [registry],
  );
  const [submission, submit] = useAsyncFn(async () => {
    await onSubmit({
      name: name.trim(),
      models: allModels ? ['*'] : chosen,
      expiresAt: expiryOf(lifetime, Date.now()),
    });
  }, [onSubmit, name, allModels, chosen, lifetime]);
  const complete = name.trim().length > 0 && (allModels || chosen.length > 0);

  const handleSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (complete && !submission.loading) submit();
  };
  return (
    <form onSubmit={handleSubmit}>
      <DialogBody>
        <div className={styles.form}>
          <TextField
            label="Name"
            description="Which program uses it, e.g. intake-service."
            value={name}
            onChange={setName}
            isRequired
            autoFocus
          />
          <Switch
            label="May call every model"
            isSelected={allModels}
            onChange={setAllModels}
          />
          {!allModels && (
            <CheckboxGroup
              label="Models that it may call"
              value={chosen}
              onChange={setChosen}
            >
              {(models.value?.items ?? []).map(model => (
                <Checkbox key={model.name} value={model.name}>
                  {model.title || model.name}
                </Checkbox>
              ))}
            </CheckboxGroup>
          )}
          {models.error && !allModels && (
            <ErrorNotice
              title="The models could not be listed"
              error={models.error}
            />
          )}
          <Select
            label="Valid for"
            selectedKey={lifetime}
            onSelectionChange={key => setLifetime(key as Lifetime)}
            options={[...LIFETIMES]}
          />
          {submission.error && (
            <ErrorNotice
              title="The key could not be issued"
              error={submission.error}
            />
          )}
        </div>
      </DialogBody>
      <DialogFooter>
        <Button variant="secondary" slot="close">
          Cancel
        </Button>
        <Button
          type="submit"
          variant="primary"
          isDisabled={!complete}
          isPending={submission.loading}
        >
          Issue the key
        </Button>
      </DialogFooter>
    </form>
  );
}
