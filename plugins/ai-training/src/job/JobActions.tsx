import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, ButtonLink } from '@backstage/ui';
import { FormDialog } from '@greenroom/ai-react';
import {
  aiJobSteerPermission,
  aiJobSubmitPermission,
  hasBegun,
  modelOfTemplate,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import { useState } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { isOpen } from '../jobs/jobTimes';
import { startRouteRef } from '../routes';
import styles from './job.module.css';

export interface JobActionsProps {
  job: TrainingJob;
  /** After something was changed. */
  onDone(): void;
}

/** What may be done with a job: cancel it, try it again, or make another one after it. */
export function JobActions(props: JobActionsProps) {
  const { job } = props;
  const toStart = useRouteRef(startRouteRef);
  const resourceRef = job.template;
  const maySteer = usePermission({
    permission: aiJobSteerPermission,
    resourceRef,
  }).allowed;
  const maySubmit = usePermission({
    permission: aiJobSubmitPermission,
    resourceRef,
  }).allowed;
  const { phase } = job.state;
  // Nobody starts a conversion by a form: it is asked for at its version.
  const isConversion = modelOfTemplate(job.template) !== undefined;
  const start = isConversion ? undefined : toStart?.({ name: job.template });
  return (
    <div className={styles.actions}>
      {maySteer && isOpen(job) && phase !== 'stopping' && (
        <CancelButton {...props} />
      )}
      {maySteer && (phase === 'failed' || phase === 'cancelled') && (
        <RetryButton {...props} />
      )}
      {maySubmit && start !== undefined && (
        <>
          <ButtonLink variant="secondary" href={`${start}?clone=${job.id}`}>
            Clone with changes
          </ButtonLink>
          {job.spec.checkpoints && hasBegun(job) && !isOpen(job) && (
            <ButtonLink
              variant="secondary"
              href={`${start}?clone=${job.id}&resume=${job.id}`}
            >
              Resume from checkpoint
            </ButtonLink>
          )}
        </>
      )}
    </div>
  );
}

function CancelButton({ job, onDone }: JobActionsProps) {
  const training = useApi(aiTrainingApiRef);
  const [isOpened, setOpened] = useState(false);
  return (
    <>
      <Button variant="secondary" onPress={() => setOpened(true)}>
        Cancel job
      </Button>
      <FormDialog
        title="Cancel the job"
        isOpen={isOpened}
        onOpenChange={setOpened}
        submitLabel="End it"
        failedTitle="The job goes on"
        destructive
        onSubmit={async () => {
          await training.cancelJob(job.id);
          onDone();
        }}
      >
        <p className={styles.text}>
          {job.state.phase === 'queued'
            ? `${job.name} leaves the queue. Retry puts it back, at its end.`
            : `The program of ${job.name} is told to end, and has a moment to put down a checkpoint. What it has measured, written and made so far is kept with its run.`}
        </p>
      </FormDialog>
    </>
  );
}

function RetryButton({ job, onDone }: JobActionsProps) {
  const training = useApi(aiTrainingApiRef);
  const [isOpened, setOpened] = useState(false);
  return (
    <>
      <Button variant="secondary" onPress={() => setOpened(true)}>
        Retry
      </Button>
      <FormDialog
        title="Try the job again"
        isOpen={isOpened}
        onOpenChange={setOpened}
        submitLabel="Retry job"
        failedTitle="The job was not tried again"
        onSubmit={async () => {
          await training.retryJob(job.id);
          onDone();
        }}
      >
        <p className={styles.text}>
          {job.name} is queued again with the same program, parameters and data,
          and logs to the same run
          {job.spec.checkpoints
            ? '. It goes on from its checkpoints.'
            : '. Its template keeps no checkpoints: it begins from the start.'}
        </p>
      </FormDialog>
    </>
  );
}
