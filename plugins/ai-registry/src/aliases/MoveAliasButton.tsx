import { fieldError, FormDialog, useEnvironments } from '@greenroom/ai-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, NumberField, TextField } from '@backstage/ui';
import {
  ALIAS_PATTERN,
  aiModelUpdatePermission,
  type Environments,
  type Model,
} from '@greenroom/plugin-ai-registry-common';
import { RiPriceTag3Line } from '@remixicon/react';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';

/** Gives a version a name of one's own, such as champion. */
export function MoveAliasButton({ model }: { model: Model }) {
  const registry = useApi(aiRegistryApiRef);
  const environments = useEnvironments();
  const [open, setOpen] = useState(false);
  const [alias, setAlias] = useState('');
  const [version, setVersion] = useState(model.latestVersion ?? NaN);
  const [reason, setReason] = useState('');
  const [errors, setErrors] = useState<{ alias?: string; reason?: string }>({});
  const allowed = usePermission({
    permission: aiModelUpdatePermission,
    resourceRef: model.name,
  });

  const submit = async () => {
    const found = {
      alias: aliasError(alias, environments),
      reason: reason.trim() ? undefined : 'Say why: it stays in the history.',
    };
    setErrors(found);
    if (found.alias || found.reason) return false;
    await registry.setAlias(model.name, alias, {
      version,
      reason: reason.trim(),
    });
    setAlias('');
    setReason('');
    return true;
  };

  return (
    <>
      <Button
        size="small"
        variant="secondary"
        iconStart={<RiPriceTag3Line />}
        isDisabled={
          model.latestVersion === undefined ||
          (!allowed.loading && !allowed.allowed)
        }
        onPress={() => setOpen(true)}
      >
        Set alias
      </Button>
      <FormDialog
        isOpen={open}
        onOpenChange={setOpen}
        title={`Set an alias of ${model.title}`}
        submitLabel="Set alias"
        failedTitle="The alias was not set"
        onSubmit={submit}
      >
        <TextField
          label="Alias"
          description="An existing alias is moved."
          isRequired
          autoFocus
          value={alias}
          onChange={value => {
            setAlias(value);
            setErrors({ ...errors, alias: undefined });
          }}
          {...fieldError(errors.alias)}
        />
        <NumberField
          label="Version"
          isRequired
          minValue={1}
          maxValue={model.latestVersion}
          value={version}
          onChange={setVersion}
        />
        <TextField
          label="Reason"
          isRequired
          value={reason}
          onChange={value => {
            setReason(value);
            setErrors({ ...errors, reason: undefined });
          }}
          {...fieldError(errors.reason)}
        />
      </FormDialog>
    </>
  );
}

function aliasError(
  alias: string,
  environments: Environments,
): string | undefined {
  if (environments.has(alias.toLowerCase())) {
    return `${alias.toLowerCase()} is an environment: only a merged promotion moves it. Promote the version instead.`;
  }
  return ALIAS_PATTERN.test(alias)
    ? undefined
    : 'Use letters, digits, dashes and underscores.';
}
