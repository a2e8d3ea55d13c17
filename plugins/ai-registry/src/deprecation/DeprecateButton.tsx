import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, TextField } from '@backstage/ui';
import { fieldError, FormDialog } from '@greenroom/ai-react';
import {
  aiModelUpdatePermission,
  type DeprecatedThing,
  type Deprecation,
  describeDeprecated,
} from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import {
  type DeprecationForm,
  fromDeprecationForm,
  toDeprecationForm,
} from './deprecationForm';
import { WithdrawDeprecationButton } from './WithdrawDeprecationButton';

export interface DeprecateButtonProps {
  thing: DeprecatedThing;
  deprecation: Deprecation | undefined;
  onChanged(): void;
}

/** Deprecates a model or a version, changes what is said of it, or takes it back; nothing for those who may not. */
export function DeprecateButton(props: DeprecateButtonProps) {
  const { thing, deprecation, onChanged } = props;
  const registry = useApi(aiRegistryApiRef);
  const [open, setOpen] = useState(false);
  const [form, setForm] = useState<DeprecationForm>(
    toDeprecationForm(undefined),
  );
  const [errors, setErrors] = useState<
    Partial<Record<keyof DeprecationForm, string>>
  >({});
  const { allowed } = usePermission({
    permission: aiModelUpdatePermission,
    resourceRef: thing.model,
  });
  if (!allowed) return null;

  const field = (name: keyof DeprecationForm) => ({
    value: form[name],
    onChange: (value: string) => {
      setForm({ ...form, [name]: value });
      setErrors({ ...errors, [name]: undefined });
    },
    ...fieldError(errors[name]),
  });
  const submit = async () => {
    const asked = fromDeprecationForm(form, deprecation);
    if ('errors' in asked) {
      setErrors(asked.errors);
      return false;
    }
    await registry.deprecate(thing, asked);
    onChanged();
    return true;
  };
  const about = describeDeprecated(thing);

  return (
    <>
      <Button
        variant="secondary"
        onPress={() => {
          setForm(toDeprecationForm(deprecation));
          setErrors({});
          setOpen(true);
        }}
      >
        {deprecation ? 'Change deprecation' : 'Deprecate'}
      </Button>
      {deprecation && (
        <WithdrawDeprecationButton thing={thing} onChanged={onChanged} />
      )}
      <FormDialog
        isOpen={open}
        onOpenChange={setOpen}
        title={deprecation ? `Deprecation of ${about}` : `Deprecate ${about}`}
        submitLabel={deprecation ? 'Change' : 'Deprecate'}
        failedTitle="It was not deprecated"
        onSubmit={submit}
      >
        <TextField
          label="Message"
          description="Why, and what callers have to do. They are told at once, if they own a key."
          isRequired
          autoFocus
          {...field('message')}
        />
        <TextField
          label="Sunset"
          description="The day from which on it may stop answering, such as 2027-01-31. Nothing stops by itself."
          {...field('sunset')}
        />
        <TextField
          label="Use instead"
          description="Name of a model that is not deprecated itself."
          {...field('replacement')}
        />
        <TextField
          label="In version"
          description="Left out, callers name none."
          {...field('replacementVersion')}
        />
      </FormDialog>
    </>
  );
}
