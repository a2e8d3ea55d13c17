import { identityApiRef, useApi } from '@backstage/core-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  Button,
  Checkbox,
  CheckboxGroup,
  DialogBody,
  DialogFooter,
  SearchField,
  Select,
  Switch,
  TextField,
} from '@backstage/ui';
import { ErrorNotice } from '@greenroom/ai-react';
import {
  aiKeyCreateForAllModelsPermission,
  type KeyScope,
  type NewApiKey,
} from '@greenroom/plugin-ai-inference-common';
import { FormEvent, useState } from 'react';
import useAsync from 'react-use/esm/useAsync';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { modelsApiRef } from '../api/ModelsApi';
import { expiryOf, Lifetime, LIFETIMES } from './keyState';
import { fromLimitsForm, isComplete, toLimitsForm } from './limitsForm';
import { LimitsFields } from './LimitsFields';
import { ScopesField } from './ScopesField';
import styles from './keys.module.css';

/** Of many, the search finds the others. */
const SHOWN_MODELS = 20;

interface NewKeyFormProps {
  /** Chosen from the start. */
  model?: string;
  onSubmit(key: NewApiKey): Promise<void>;
}

/** Body and footer of the dialog that issues a key. */
export function NewKeyForm({ model, onSubmit }: NewKeyFormProps) {
  const registry = useApi(modelsApiRef);
  const [name, setName] = useState('');
  const [owner, setOwner] = useState<string>();
  const [wantsAllModels, setWantsAllModels] = useState(false);
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState<string[]>(model ? [model] : []);
  const [lifetime, setLifetime] = useState<Lifetime>('90');
  const [scopes, setScopes] = useState<KeyScope[]>([]);
  const [limits, setLimits] = useState(toLimitsForm({}));
  const identity = useApi(identityApiRef);
  const me = useAsync(() => identity.getBackstageIdentity(), [identity]);
  const mayAllModels = usePermission({
    permission: aiKeyCreateForAllModelsPermission,
  }).allowed;
  const allModels = mayAllModels && wantsAllModels;
  const models = useAsync(
    () =>
      registry.listModels({
        limit: SHOWN_MODELS,
        ...(search.trim() && { search: search.trim() }),
      }),
    [registry, search],
  );
  const found = (models.value?.items ?? []).map(({ name: id, title }) => ({
    id,
    label: title || id,
  }));
  // What was chosen stays in sight when something else is searched for.
  const offered = [
    ...chosen
      .filter(id => !found.some(one => one.id === id))
      .map(id => ({ id, label: id })),
    ...found,
  ];
  const [submission, submit] = useAsyncFn(async () => {
    await onSubmit({
      name: name.trim(),
      ...(owner !== undefined && { owner }),
      models: allModels ? ['*'] : chosen,
      expiresAt: expiryOf(lifetime, Date.now()),
      ...fromLimitsForm(limits),
      ...(scopes.length > 0 && { scopes }),
    });
  }, [onSubmit, name, owner, allModels, chosen, lifetime, limits, scopes]);
  const complete =
    name.trim().length > 0 &&
    (allModels || chosen.length > 0) &&
    isComplete(limits);

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
          <Select
            label="Owner"
            description="Who answers for it, and may revoke it."
            selectedKey={owner ?? me.value?.userEntityRef ?? null}
            onSelectionChange={key => setOwner(String(key))}
            options={(me.value?.ownershipEntityRefs ?? []).map(ref => ({
              value: ref,
              label: ref,
            }))}
          />
          {mayAllModels && (
            <Switch
              label="May call every model, also those to come"
              isSelected={wantsAllModels}
              onChange={setWantsAllModels}
            />
          )}
          {!allModels && (
            <>
              <SearchField
                label="Find models"
                value={search}
                onChange={setSearch}
              />
              <CheckboxGroup
                label="Models that it may call"
                value={chosen}
                onChange={setChosen}
              >
                {offered.map(({ id, label }) => (
                  <Checkbox key={id} value={id}>
                    {label}
                  </Checkbox>
                ))}
              </CheckboxGroup>
            </>
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
          <ScopesField value={scopes} onChange={setScopes} />
          <LimitsFields value={limits} onChange={setLimits} />
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
