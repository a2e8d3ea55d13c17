import { useApi } from '@backstage/core-plugin-api';
import { toastApiRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  DialogTrigger,
} from '@backstage/ui';
import { ErrorNotice } from '@greenroom/ai-react';
import { aiDataPlaneOperatePermission } from '@greenroom/plugin-ai-inference-common';
import { placeRef } from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { DriftList } from './DriftList';
import styles from './deployments.module.css';

export interface RepairButtonProps {
  environment: string;
  /** What differs, a sentence each. */
  drift: string[];
  onRepaired(): void;
}

/** Puts right, once and after a look at it, what somebody has changed in the cluster. */
export function RepairButton(props: RepairButtonProps) {
  const { environment, drift, onRepaired } = props;
  const inference = useApi(aiInferenceApiRef);
  const toast = useApi(toastApiRef);
  const [isOpen, setOpen] = useState(false);
  const allowed = usePermission({
    permission: aiDataPlaneOperatePermission,
    resourceRef: placeRef({ environment, model: '*' }),
  });
  const [state, repair] = useAsyncFn(async () => {
    const { repaired } = await inference.repairDataPlane(environment);
    toast.post({
      title:
        repaired.length === 0
          ? `Nothing differed any more: the cluster has what ${environment} wants`
          : `The cluster has what ${environment} wants again`,
      status: 'success',
      timeout: 5_000,
    });
    setOpen(false);
    onRepaired();
  }, [inference, toast, environment, onRepaired]);
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <Button
        size="small"
        variant="secondary"
        isDisabled={!allowed.loading && !allowed.allowed}
        aria-label={`Repair what differs in ${environment}`}
      >
        Repair
      </Button>
      <Dialog width={640}>
        <DialogHeader>Repair {environment}</DialogHeader>
        <DialogBody>
          <p className={styles.text}>
            This is put right once, in the cluster, as the settings of{' '}
            {environment} say. Who has changed it loses the change, and pods may
            be made anew; nobody&apos;s request is lost.
          </p>
          <DriftList environment={environment} drift={drift} />
          {state.error && (
            <ErrorNotice title="It could not be repaired" error={state.error} />
          )}
        </DialogBody>
        <DialogFooter>
          <Button variant="secondary" slot="close">
            Leave it
          </Button>
          <Button isPending={state.loading} onPress={repair}>
            Put it right
          </Button>
        </DialogFooter>
      </Dialog>
    </DialogTrigger>
  );
}
