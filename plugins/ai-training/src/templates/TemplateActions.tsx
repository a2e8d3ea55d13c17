import {
  toastApiRef,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, ButtonLink } from '@backstage/ui';
import { ErrorNotice, FormDialog } from '@greenroom/ai-react';
import { toError } from '@backstage/errors';
import {
  aiJobSubmitPermission,
  aiTemplateUpdatePermission,
  type TrainingTemplate,
} from '@greenroom/plugin-ai-training-common';
import { useState } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { startRouteRef } from '../routes';
import styles from './templates.module.css';

export interface TemplateActionsProps {
  template: TrainingTemplate;
  /** After something was changed. */
  onDone(): void;
}

/** What may be done with a template: start a job of it, have it read again, remove it. */
export function TemplateActions(props: TemplateActionsProps) {
  const { template } = props;
  const { name } = template.spec;
  const toStart = useRouteRef(startRouteRef);
  const maySubmit = usePermission({
    permission: aiJobSubmitPermission,
    resourceRef: name,
  }).allowed;
  const mayUpdate = usePermission({
    permission: aiTemplateUpdatePermission,
    resourceRef: name,
  }).allowed;
  return (
    <div className={styles.actions}>
      {maySubmit && (
        <ButtonLink
          size="small"
          variant="primary"
          aria-label={`Start a job of ${name}`}
          href={toStart?.({ name }) ?? '#'}
        >
          Start
        </ButtonLink>
      )}
      {mayUpdate && <RefreshButton {...props} />}
      {/* One of the configuration is there again when the portal starts. */}
      {mayUpdate && template.location.type === 'url' && (
        <RemoveButton {...props} />
      )}
    </div>
  );
}

function RefreshButton({ template, onDone }: TemplateActionsProps) {
  const training = useApi(aiTrainingApiRef);
  const toasts = useApi(toastApiRef);
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<Error>();
  const { name } = template.spec;
  const refresh = async () => {
    setPending(true);
    setError(undefined);
    try {
      const after = await training.refreshTemplate(name);
      const isSame = after.revision === template.revision;
      toasts.post({
        title: `Template ${name} read again`,
        description: isSame ? 'Nothing of it has changed.' : undefined,
        status: 'success',
        timeout: 5_000,
      });
    } catch (failure) {
      setError(toError(failure));
    } finally {
      setPending(false);
      // What could not be read is told of there, too.
      onDone();
    }
  };
  return (
    <>
      <Button
        size="small"
        variant="secondary"
        aria-label={`Read again: ${name}`}
        isPending={isPending}
        onPress={refresh}
      >
        Read again
      </Button>
      {error && template.problem === undefined && (
        <ErrorNotice title="It could not be read" error={error} />
      )}
    </>
  );
}

function RemoveButton({ template, onDone }: TemplateActionsProps) {
  const training = useApi(aiTrainingApiRef);
  const [isOpen, setOpen] = useState(false);
  const { name } = template.spec;
  return (
    <>
      <Button
        size="small"
        variant="secondary"
        aria-label={`Remove ${name}`}
        onPress={() => setOpen(true)}
      >
        Remove
      </Button>
      <FormDialog
        title={`Remove the template ${name}`}
        isOpen={isOpen}
        onOpenChange={setOpen}
        submitLabel="Remove template"
        failedTitle="The template stays"
        destructive
        onSubmit={async () => {
          await training.deleteTemplate(name);
          onDone();
        }}
      >
        <p className={styles.text}>
          No more jobs of it can be started. Those that there are go on, and
          stay with their runs; the file in Git stays as it is.
        </p>
      </FormDialog>
    </>
  );
}
