import { Button, Tooltip, TooltipTrigger } from '@backstage/ui';
import type { Model } from '@greenroom/plugin-ai-registry-common';
import { RiRocketLine } from '@remixicon/react';
import { useState } from 'react';
import { PromoteDialog } from './PromoteDialog';
import { usePromotableEnvironments } from './usePromotableEnvironments';

export interface PromoteButtonProps {
  model: Model;
  version: number;
  variant?: 'primary' | 'secondary';
}

/** Opens the dialog that asks for a version to run in an environment. */
export function PromoteButton(props: PromoteButtonProps) {
  const { model, version, variant = 'secondary' } = props;
  const [open, setOpen] = useState(false);
  const environments = usePromotableEnvironments(model.name);
  const refused = environments?.length === 0;

  return (
    <>
      <TooltipTrigger isDisabled={!refused}>
        {/* Not disabled when refused: a disabled button cannot be focused to read the reason. */}
        <Button
          variant={variant}
          iconStart={<RiRocketLine />}
          aria-label={`Promote version ${version}`}
          aria-disabled={refused || undefined}
          onPress={() => !refused && setOpen(true)}
        >
          Promote
        </Button>
        <Tooltip>
          Only the owner of {model.title} and platform administrators may
          promote its versions.
        </Tooltip>
      </TooltipTrigger>
      <PromoteDialog
        model={model}
        version={version}
        allowed={environments}
        isOpen={open}
        onOpenChange={setOpen}
      />
    </>
  );
}
