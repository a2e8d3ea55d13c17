import { usePermission } from '@backstage/plugin-permission-react';
import { Button } from '@backstage/ui';
import {
  aiModelPromotePermission,
  type DesiredDeployment,
  placeRef,
} from '@greenroom/plugin-ai-registry-common';
import { RiArrowGoBackLine } from '@remixicon/react';
import { useState } from 'react';
import { RollbackDialog } from './RollbackDialog';

export interface RollbackButtonProps {
  deployment: DesiredDeployment;
  /** What goes back, for screen readers: "production", or "Digits in production" among other models. */
  what: string;
  className?: string;
}

/** Opens the dialog that returns an environment to what ran before; nothing where nothing did. */
export function RollbackButton(props: RollbackButtonProps) {
  const { deployment, what, className } = props;
  const [open, setOpen] = useState(false);
  const allowed = usePermission({
    permission: aiModelPromotePermission,
    resourceRef: placeRef(deployment),
  });
  const target = deployment.rollbackTo?.version;
  if (target === undefined) return null;
  return (
    <>
      <Button
        className={className}
        size="small"
        variant="secondary"
        iconStart={<RiArrowGoBackLine />}
        isDisabled={!allowed.loading && !allowed.allowed}
        aria-label={`Roll back ${what} to version ${target}`}
        onPress={() => setOpen(true)}
      >
        Roll back
      </Button>
      <RollbackDialog
        deployment={deployment}
        target={target}
        isOpen={open}
        onOpenChange={setOpen}
      />
    </>
  );
}
