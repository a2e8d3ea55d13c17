import { Button, Tooltip, TooltipTrigger } from '@backstage/ui';
import type { Environment } from '@greenroom/plugin-ai-registry-common';
import { RiRocketLine } from '@remixicon/react';
import { useState } from 'react';
import { PromoteDialog, type PromoteDialogProps } from './PromoteDialog';
import { usePromotableEnvironments } from './usePromotableEnvironments';

export interface PromoteButtonProps {
  model: PromoteDialogProps['model'];
  version: number;
  variant?: 'primary' | 'secondary';
  /** Where it is promoted to, unless one chooses another one in the dialog. */
  environment?: Environment;
}

/** Opens the dialog that asks for a version to run in an environment. */
export function PromoteButton(props: PromoteButtonProps) {
  const { model, version, variant = 'secondary', environment } = props;
  const [open, setOpen] = useState(false);
  const environments = usePromotableEnvironments(model.name);
  const refused =
    environment === undefined
      ? environments?.length === 0
      : environments?.includes(environment) === false;

  return (
    <>
      <TooltipTrigger isDisabled={!refused}>
        {/* Not disabled when refused: a disabled button cannot be focused to read the reason. */}
        <Button
          variant={variant}
          size={environment === undefined ? undefined : 'small'}
          iconStart={<RiRocketLine />}
          aria-label={
            environment === undefined
              ? `Promote version ${version}`
              : `Promote version ${version} of ${model.title} to ${environment}`
          }
          aria-disabled={refused || undefined}
          onPress={() => !refused && setOpen(true)}
        >
          Promote
        </Button>
        <Tooltip>
          Only the owner of {model.title} and platform administrators may
          promote its versions{environment && ` to ${environment}`}.
        </Tooltip>
      </TooltipTrigger>
      <PromoteDialog
        model={model}
        version={version}
        environment={environment}
        allowed={environments}
        isOpen={open}
        onOpenChange={setOpen}
      />
    </>
  );
}
