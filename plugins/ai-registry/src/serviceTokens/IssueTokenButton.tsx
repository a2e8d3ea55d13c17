import { useApi } from '@backstage/frontend-plugin-api';
import {
  Alert,
  Button,
  Checkbox,
  CheckboxGroup,
  Combobox,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Select,
  TextField,
} from '@backstage/ui';
import { CodeBlock, FormDialog, useCatalogRefs } from '@greenroom/ai-react';
import type { IssuedServiceToken } from '@greenroom/plugin-ai-registry-common';
import { RiAddLine } from '@remixicon/react';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import {
  expiryAfter,
  GRANTABLE_PERMISSIONS,
  LIFETIMES,
  toScopes,
} from './newToken';
import styles from './serviceTokens.module.css';

const EMPTY = {
  name: '',
  owner: '',
  permissions: [] as string[],
  places: '',
  days: '90',
};

/** Issues a token and shows it once. */
export function IssueTokenButton({ onIssued }: { onIssued(): void }) {
  const registry = useApi(aiRegistryApiRef);
  const [isOpen, setOpen] = useState(false);
  const groups = useCatalogRefs('group');
  const [form, setForm] = useState(EMPTY);
  const [issued, setIssued] = useState<IssuedServiceToken>();
  const change = (fields: Partial<typeof EMPTY>) =>
    setForm({ ...form, ...fields });
  const isComplete =
    form.name.trim() !== '' &&
    form.owner.trim() !== '' &&
    form.permissions.length > 0;
  return (
    <>
      <Button
        variant="primary"
        iconStart={<RiAddLine />}
        onPress={() => {
          setForm(EMPTY);
          setOpen(true);
        }}
      >
        Issue a token
      </Button>
      <FormDialog
        title="Issue a service token"
        isOpen={isOpen}
        onOpenChange={setOpen}
        submitLabel="Issue the token"
        failedTitle="The token could not be issued"
        isDisabled={!isComplete}
        onSubmit={async () => {
          const token = await registry.issueServiceToken({
            name: form.name.trim(),
            owner: form.owner.trim(),
            scopes: toScopes(form.permissions, form.places),
            expiresAt: expiryAfter(form.days, Date.now()),
          });
          setIssued(token);
          onIssued();
        }}
      >
        <TextField
          label="Name"
          description="Lower-case letters, digits and dashes; records say it."
          value={form.name}
          onChange={name => change({ name })}
          isRequired
        />
        <Combobox
          label="Owner"
          description="The group that answers for it, as the catalog names it."
          isRequired
          allowsCustomValue
          options={groups.map(ref => ({ id: ref, label: ref }))}
          search={{
            inputValue: form.owner,
            onInputChange: (owner: string) =>
              setForm(old => ({ ...old, owner })),
          }}
        />
        <CheckboxGroup
          label="What it may do"
          value={form.permissions}
          onChange={permissions => change({ permissions })}
          className={styles.permissions}
        >
          {GRANTABLE_PERMISSIONS.map(name => (
            <Checkbox key={name} value={name}>
              {name}
            </Checkbox>
          ))}
        </CheckboxGroup>
        <TextField
          label="Where"
          description="<environment>/<model>, such as dev/* or */digits; several with commas. Empty for everything."
          value={form.places}
          onChange={places => change({ places })}
        />
        <Select
          label="Valid for"
          options={LIFETIMES.map(({ value, label }) => ({ id: value, label }))}
          value={form.days}
          onChange={days => change({ days: String(days) })}
        />
      </FormDialog>
      <Dialog
        isOpen={issued !== undefined}
        onOpenChange={() => setIssued(undefined)}
        width="min(36rem, calc(100vw - 2rem))"
        // It cannot be shown again, so a stray click or key must not lose it.
        isDismissable={false}
        isKeyboardDismissDisabled
      >
        <DialogHeader>{`The token “${issued?.name}”`}</DialogHeader>
        <DialogBody>
          <div className={styles.issued}>
            <Alert
              status="warning"
              icon
              title="Copy it now"
              description="This is the only time that the whole token is shown: only its hash is kept. Put it where your program finds its secrets, not into code."
            />
            <CodeBlock code={issued?.token ?? ''} language="token" />
          </div>
        </DialogBody>
        <DialogFooter>
          <Button variant="primary" onPress={() => setIssued(undefined)}>
            I have stored it
          </Button>
        </DialogFooter>
      </Dialog>
    </>
  );
}
