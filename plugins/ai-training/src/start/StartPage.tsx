import {
  BreadcrumbEntry,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Alert, Container, Header, Link } from '@backstage/ui';
import {
  CodeBlock,
  Facts,
  Loaded,
  Panel,
  PersonName,
  RelativeTime,
  RouteLink,
  useLive,
} from '@greenroom/ai-react';
import {
  aiJobSubmitPermission,
  type TrainingJob,
  type TrainingTemplate,
} from '@greenroom/plugin-ai-training-common';
import { useSearchParams } from 'react-router-dom';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import {
  jobRouteRef,
  modelRouteRef,
  startRouteRef,
  templatesRouteRef,
} from '../routes';
import { placeOf, shortRevision } from '../templates/templateLocation';
import { StartForm } from './StartForm';
import styles from './start.module.css';

const NEVER_MILLIS = 24 * 60 * 60_000;

/** A template, and the form that starts a job of it; with `?clone=` as another one was, with `?resume=` from its checkpoints. */
export function StartPage({ name }: { name: string }) {
  const training = useApi(aiTrainingApiRef);
  const toTemplates = useRouteRef(templatesRouteRef);
  const toStart = useRouteRef(startRouteRef);
  const [params] = useSearchParams();
  const cloneOf = params.get('clone') ?? undefined;
  const resumeOf = params.get('resume') ?? undefined;
  const live = useLive(
    async signal => {
      const [template, before] = await Promise.all([
        training.getTemplate(name, { signal }),
        cloneOf === undefined
          ? undefined
          : training.getJob(cloneOf, { signal }),
      ]);
      return { template, before };
    },
    [name, cloneOf],
    // What one is writing into is not taken away.
    { pollMillis: NEVER_MILLIS },
  );
  const title = live.value?.template.spec.title ?? name;
  return (
    <BreadcrumbEntry
      entry={{ label: 'Templates', href: toTemplates?.() ?? '..' }}
    >
      <BreadcrumbEntry
        entry={{ label: title, href: toStart?.({ name }) ?? '..' }}
      >
        <Header
          title={`Start ${title}`}
          description={live.value?.template.spec.description}
        />
        <Container>
          <Loaded live={live} what="the template" skeleton={[240, 240]}>
            {({ template, before }) => (
              <div className={styles.page}>
                <StartColumn
                  template={template}
                  before={before}
                  resumeOf={resumeOf}
                />
                <div className={styles.column}>
                  <AboutPanel template={template} />
                </div>
              </div>
            )}
          </Loaded>
        </Container>
      </BreadcrumbEntry>
    </BreadcrumbEntry>
  );
}

function StartColumn(props: {
  template: TrainingTemplate;
  before: TrainingJob | undefined;
  resumeOf: string | undefined;
}) {
  const { template, before, resumeOf } = props;
  const { spec } = template;
  const toJob = useRouteRef(jobRouteRef);
  const maySubmit = usePermission({
    permission: aiJobSubmitPermission,
    resourceRef: spec.name,
  });
  if (!maySubmit.loading && !maySubmit.allowed) {
    return (
      <Alert
        status="info"
        icon
        title="You may not start jobs of this template"
        description="They use the quota and the budget of its owner: ask somebody of that team, or for the permission ai-training.job.submit."
      />
    );
  }
  return (
    <div className={styles.column}>
      {before && (
        <Alert
          status="info"
          icon
          title={
            resumeOf === undefined
              ? `As ${before.name} was`
              : `Goes on from the checkpoints of ${before.name}`
          }
          description={
            <>
              It is set as{' '}
              <Link href={toJob?.({ id: before.id }) ?? '#'}>
                {before.name}
              </Link>{' '}
              was
              {before.revision === template.revision
                ? '.'
                : `, and runs the program as it is now: at ${shortRevision(
                    template.revision,
                  )}, not ${shortRevision(before.revision)}.`}
            </>
          }
        />
      )}
      <StartForm
        spec={spec}
        before={before}
        cloneOf={before?.id}
        resumeOf={resumeOf}
      />
    </div>
  );
}

function AboutPanel({ template }: { template: TrainingTemplate }) {
  const { spec, location, revision, readAt, problem } = template;
  const { program, model, retries, checkpoints } = spec;
  const toModel = useRouteRef(modelRouteRef);
  return (
    <Panel title="Template">
      {problem !== undefined && (
        <Alert
          status="warning"
          icon
          title="It could not be read again: what was read last is run"
          description={problem}
        />
      )}
      <Facts
        facts={[
          { label: 'Name', value: <code>{spec.name}</code> },
          { label: 'Owner', value: <PersonName entityRef={spec.owner} /> },
          { label: 'Experiment', value: spec.experiment },
          {
            label: 'Adds versions to',
            value: model && (
              <RouteLink to={toModel?.({ name: model })}>{model}</RouteLink>
            ),
          },
          { label: 'Revision', value: <code>{shortRevision(revision)}</code> },
          { label: 'Read', value: <RelativeTime at={readAt} /> },
          {
            label: 'Tried again',
            value: `${retries} times, when it is not the program that failed`,
            wide: true,
          },
          {
            label: 'Checkpoints',
            value: checkpoints
              ? 'Kept: what is stopped goes on from them'
              : 'None: what is stopped begins from the start',
            wide: true,
          },
          { label: 'Image', value: program.image, wide: true },
          {
            label: 'Where it lies',
            wide: true,
            value:
              location.type === 'url' ? (
                <Link href={location.target} target="_blank">
                  {placeOf(location)}
                </Link>
              ) : (
                placeOf(location)
              ),
          },
        ]}
      />
      <CodeBlock language="Command" code={program.command.join(' \\\n  ')} />
    </Panel>
  );
}
