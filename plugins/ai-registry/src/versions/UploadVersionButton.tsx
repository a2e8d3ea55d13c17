import { usePermission } from '@backstage/plugin-permission-react';
import { Button, Tooltip, TooltipTrigger } from '@backstage/ui';
import {
  aiModelUpdatePermission,
  type Model,
} from '@greenroom/plugin-ai-registry-common';
import { RiUploadCloud2Line } from '@remixicon/react';
import { useState } from 'react';
import { UploadVersionDialog } from './UploadVersionDialog';

/** Opens the dialog that uploads the next version of a model. */
export function UploadVersionButton({ model }: { model: Model }) {
  const [open, setOpen] = useState(false);
  const allowed = usePermission({
    permission: aiModelUpdatePermission,
    resourceRef: model.name,
  });
  const refused = !allowed.loading && !allowed.allowed;
  return (
    <>
      <TooltipTrigger isDisabled={!refused}>
        {/* Not disabled when refused: a disabled button cannot be focused to read the reason. */}
        <Button
          variant="primary"
          iconStart={<RiUploadCloud2Line />}
          aria-disabled={refused || undefined}
          onPress={() => !refused && setOpen(true)}
        >
          Upload version
        </Button>
        <Tooltip>
          Only the owner of {model.title} and platform administrators may add
          versions.
        </Tooltip>
      </TooltipTrigger>
      <UploadVersionDialog model={model} isOpen={open} onOpenChange={setOpen} />
    </>
  );
}
