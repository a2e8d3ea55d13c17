import { usePermission } from '@backstage/plugin-permission-react';
import { Button, Tooltip, TooltipTrigger } from '@backstage/ui';
import { aiModelUpdatePermission } from '@greenroom/plugin-ai-registry-common';
import { RiQuestionAnswerLine } from '@remixicon/react';
import { useState } from 'react';
import { EvaluateDialog } from './EvaluateDialog';

export interface EvaluateButtonProps {
  model: string;
  version: number;
}

/** Opens the dialog that has a version asked prompts. */
export function EvaluateButton({ model, version }: EvaluateButtonProps) {
  const [isOpen, setOpen] = useState(false);
  const allowed = usePermission({
    permission: aiModelUpdatePermission,
    resourceRef: model,
  });
  const refused = !allowed.loading && !allowed.allowed;
  return (
    <>
      <TooltipTrigger isDisabled={!refused}>
        {/* Not disabled when refused: a disabled button cannot be focused to read the reason. */}
        <Button
          variant="secondary"
          iconStart={<RiQuestionAnswerLine />}
          aria-label={`Evaluate version ${version}`}
          aria-disabled={refused || undefined}
          onPress={() => !refused && setOpen(true)}
        >
          Evaluate
        </Button>
        <Tooltip>
          Only the owner of the model and platform administrators may have its
          versions evaluated.
        </Tooltip>
      </TooltipTrigger>
      {isOpen && (
        <EvaluateDialog
          model={model}
          version={version}
          isOpen
          onOpenChange={setOpen}
        />
      )}
    </>
  );
}
