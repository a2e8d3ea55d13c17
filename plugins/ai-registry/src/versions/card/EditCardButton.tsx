import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, TextAreaField } from '@backstage/ui';
import { FormDialog } from '@greenroom/ai-react';
import {
  aiModelUpdatePermission,
  type ModelCard,
  type ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';
import { RiEditLine } from '@remixicon/react';
import { useState } from 'react';
import { aiRegistryApiRef } from '../../api/AiRegistryApi';

export interface EditCardButtonProps {
  version: ModelVersionDetail;
  /** As it is now; undefined where there is none. */
  card: ModelCard | undefined;
  onSaved(): void;
}

/** Writes the model card of a version, front matter included. */
export function EditCardButton(props: EditCardButtonProps) {
  const { version, card, onSaved } = props;
  const registry = useApi(aiRegistryApiRef);
  const [open, setOpen] = useState(false);
  const [written, setWritten] = useState('');
  /** What is edited, whatever somebody else saves meanwhile. */
  const [begun, setBegun] = useState<ModelCard>();
  const allowed = usePermission({
    permission: aiModelUpdatePermission,
    resourceRef: version.model,
  });
  const submit = async () => {
    await registry.setCard(version.model, version.version, {
      text: written,
      replaces: begun?.digest ?? null,
    });
    onSaved();
    return true;
  };
  const edit = () => {
    setBegun(card);
    setWritten(card?.text ?? '');
    setOpen(true);
  };
  return (
    <>
      <Button
        size="small"
        variant="secondary"
        iconStart={<RiEditLine />}
        isDisabled={!allowed.loading && !allowed.allowed}
        onPress={edit}
      >
        {card ? 'Edit card' : 'Write card'}
      </Button>
      <FormDialog
        isOpen={open}
        onOpenChange={setOpen}
        title={`Model card of version ${version.version}`}
        submitLabel="Save"
        failedTitle="The card was not saved"
        onSubmit={submit}
      >
        <TextAreaField
          label="README.md"
          description="Markdown. Between two lines of ---, it may begin with fields such as license: apache-2.0."
          rows={18}
          value={written}
          onChange={setWritten}
        />
      </FormDialog>
    </>
  );
}
