import { useApi } from '@backstage/core-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  DialogTrigger,
  Switch,
} from '@backstage/ui';
import {
  CodeBlock,
  EmptyState,
  type Live,
  Loaded,
  useLive,
} from '@greenroom/ai-react';
import {
  aiDataPlaneOperatePermission,
  type DataPlanePod,
  type PodLog,
} from '@greenroom/plugin-ai-inference-common';
import { placeRef } from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import styles from './deployments.module.css';

const TAIL_LINES = 200;

export interface PodLogButtonProps {
  environment: string;
  pod: DataPlanePod;
}

/** Shows the newest lines that a pod has written, for those who may. */
export function PodLogButton({ environment, pod }: PodLogButtonProps) {
  const [isOpen, setOpen] = useState(false);
  const allowed = usePermission({
    permission: aiDataPlaneOperatePermission,
    resourceRef: placeRef({ environment, model: '*' }),
  });
  const isRefused = !allowed.loading && !allowed.allowed;
  return (
    <>
      <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
        <Button
          size="small"
          variant="secondary"
          isDisabled={isRefused}
          aria-label={`Log of ${pod.name}`}
        >
          Log
        </Button>
        <Dialog width={900}>
          <DialogHeader>Log of {pod.name}</DialogHeader>
          {isOpen && <LogOfPod environment={environment} pod={pod} />}
        </Dialog>
      </DialogTrigger>
      {isRefused && (
        <span className={styles.error}>
          for those who may operate {environment}
        </span>
      )}
    </>
  );
}

function LogOfPod({ environment, pod }: PodLogButtonProps) {
  const inference = useApi(aiInferenceApiRef);
  const [previous, setPrevious] = useState(false);
  const log = useLive(
    signal =>
      inference.readPodLog(
        environment,
        pod.name,
        { tailLines: TAIL_LINES, previous },
        { signal },
      ),
    [environment, pod.name, previous],
    { pollMillis: 10_000 },
  );
  return (
    <>
      <DialogBody>
        {pod.restarts > 0 && (
          <Switch
            label="Of the process before the last restart"
            isSelected={previous}
            onChange={setPrevious}
          />
        )}
        <Lines log={log} />
      </DialogBody>
      <DialogFooter>
        <Button variant="secondary" onPress={log.refresh}>
          Refresh
        </Button>
        <Button variant="secondary" slot="close">
          Close
        </Button>
      </DialogFooter>
    </>
  );
}

function Lines({ log }: { log: Live<PodLog> }) {
  return (
    <Loaded live={log} what="the log" skeleton={[200]}>
      {({ text, isCut }) =>
        text === '' ? (
          <EmptyState
            title="It has written nothing"
            description="A process that has just started writes its first lines within seconds: Refresh shows them."
          />
        ) : (
          <>
            {isCut && (
              <p className={styles.subtle}>
                The oldest of the last {TAIL_LINES} lines are left out: together
                they are too long to be shown.
              </p>
            )}
            <CodeBlock code={text} language={`last ${TAIL_LINES} lines`} />
          </>
        )
      }
    </Loaded>
  );
}
