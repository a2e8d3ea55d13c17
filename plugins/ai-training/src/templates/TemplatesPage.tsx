import { useRouteRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Alert, Button, Container, Header, Link } from '@backstage/ui';
import {
  EmptyState,
  ErrorNotice,
  Facts,
  Loaded,
  Panel,
  PersonName,
  RelativeTime,
  RouteLink,
} from '@greenroom/ai-react';
import {
  aiTemplateRegisterPermission,
  type Retraining,
  type TrainingTemplate,
} from '@greenroom/plugin-ai-training-common';
import { RiAddLine } from '@remixicon/react';
import { useState } from 'react';
import { RetrainingSection } from '../retraining/RetrainingSection';
import { useRetrainings } from '../retraining/useRetrainings';
import { jobsRouteRef, modelRouteRef } from '../routes';
import { TRAINING_DOCS } from './docs';
import { RegisterTemplateDialog } from './RegisterTemplateDialog';
import { TemplateActions } from './TemplateActions';
import { placeOf, shortRevision } from './templateLocation';
import { useTemplates } from './useTemplates';
import styles from './templates.module.css';

/** How models are trained again and again: what can be started, and from where it comes. */
export function TemplatesPage() {
  const templates = useTemplates();
  const retrainings = useRetrainings();
  const [isRegistering, setRegistering] = useState(false);
  const mayRegister = usePermission({
    permission: aiTemplateRegisterPermission,
  });
  const register = (
    <Button
      variant="primary"
      iconStart={<RiAddLine />}
      isDisabled={!mayRegister.loading && !mayRegister.allowed}
      onPress={() => setRegistering(true)}
    >
      Register template
    </Button>
  );
  return (
    <>
      <Header
        title="Templates"
        description="How models are trained again and again: a program in Git, with what may be set when it is started."
        customActions={register}
      />
      <Container>
        {retrainings.error && (
          <ErrorNotice
            title="What is trained again by itself could not be loaded"
            error={retrainings.error}
            onRetry={retrainings.refresh}
          />
        )}
        <Loaded live={templates} what="the templates" skeleton={[160, 160]}>
          {items => (
            <>
              <WithoutTemplate
                retrainings={(retrainings.value ?? []).filter(
                  ({ policy }) =>
                    !items.some(({ spec }) => spec.name === policy.template),
                )}
                onSteered={retrainings.refresh}
              />
              {items.length === 0 ? (
                <EmptyState
                  title="No template yet"
                  description={
                    <>
                      A template is a file <code>greenroom/train.yaml</code>{' '}
                      beside the code that trains a model.{' '}
                      <Link href={TRAINING_DOCS} target="_blank">
                        Train a model
                      </Link>{' '}
                      says how to write one; then register its address here.
                    </>
                  }
                />
              ) : (
                <div className={styles.list}>
                  {items.map(template => (
                    <TemplatePanel
                      key={template.spec.name}
                      template={template}
                      retrainings={(retrainings.value ?? []).filter(
                        ({ policy }) => policy.template === template.spec.name,
                      )}
                      onDone={templates.refresh}
                      onSteered={retrainings.refresh}
                    />
                  ))}
                </div>
              )}
            </>
          )}
        </Loaded>
      </Container>
      <RegisterTemplateDialog
        isOpen={isRegistering}
        onOpenChange={setRegistering}
        onDone={templates.refresh}
      />
    </>
  );
}

/** What a manifest has trained again with a template that is not, or no longer, registered: elsewhere nobody would see it. */
function WithoutTemplate(props: {
  retrainings: Retraining[];
  onSteered(): void;
}) {
  const { retrainings, onSteered } = props;
  if (retrainings.length === 0) return null;
  return (
    <Panel
      title="Without a template"
      description="Manifests name templates that are not registered."
    >
      {retrainings.map(retraining => (
        <RetrainingSection
          key={`${retraining.environment}/${retraining.model}`}
          retraining={retraining}
          onDone={onSteered}
        />
      ))}
    </Panel>
  );
}

function TemplatePanel(props: {
  template: TrainingTemplate;
  /** Models that are trained again with it. */
  retrainings: Retraining[];
  onDone(): void;
  onSteered(): void;
}) {
  const { template, retrainings, onDone, onSteered } = props;
  const { spec, location, revision, readAt, problem } = template;
  const toJobs = useRouteRef(jobsRouteRef);
  const toModel = useRouteRef(modelRouteRef);
  return (
    <Panel title={spec.title} description={spec.description}>
      {problem !== undefined && (
        <Alert
          status="warning"
          icon
          title="It could not be read again: what was read last holds"
          description={problem}
        />
      )}
      <Facts
        facts={[
          { label: 'Name', value: <code>{spec.name}</code> },
          { label: 'Owner', value: <PersonName entityRef={spec.owner} /> },
          {
            label: 'Model',
            value: spec.model && (
              <RouteLink to={toModel?.({ name: spec.model })}>
                {spec.model}
              </RouteLink>
            ),
          },
          { label: 'Experiment', value: spec.experiment },
          {
            label: 'Revision',
            value: <code title={revision}>{shortRevision(revision)}</code>,
          },
          { label: 'Read', value: <RelativeTime at={readAt} /> },
          {
            label: 'Where it lies',
            wide: true,
            value: (
              <span className={styles.place}>
                {location.type === 'url' ? (
                  <Link href={location.target} target="_blank">
                    {placeOf(location)}
                  </Link>
                ) : (
                  `${placeOf(location)}, as the portal's configuration says`
                )}
              </span>
            ),
          },
        ]}
      />
      <TemplateActions template={template} onDone={onDone} />
      <p className={styles.text}>
        <Link
          href={`${toJobs?.() ?? '#'}?template=${encodeURIComponent(
            spec.name,
          )}`}
        >
          Jobs of {spec.name}
        </Link>
      </p>
      {retrainings.map(retraining => (
        <RetrainingSection
          key={`${retraining.environment}/${retraining.model}`}
          retraining={retraining}
          onDone={onSteered}
        />
      ))}
    </Panel>
  );
}
