import {
  BreadcrumbEntry,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Alert, ButtonLink, Container, Header, Link } from '@backstage/ui';
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
  hasBegun,
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
  // What is empty names none.
  const cloneOf = params.get('clone') || undefined;
  const resumeOf = params.get('resume') || undefined;
  const beforeId = resumeOf ?? cloneOf;
  const live = useLive(
    async signal => {
      const [template, before] = await Promise.all([
        training.getTemplate(name, { signal }),
        beforeId === undefined
          ? undefined
          : training.getJob(beforeId, { signal }),
      ]);
      return { template, before };
    },
    [name, beforeId],
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
                  cloneOf={cloneOf}
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
  /** Job that it is made after: the one that it resumes, or else clones. */
  before: TrainingJob | undefined;
  cloneOf: string | undefined;
  resumeOf: string | undefined;
}) {
  const { template, before, cloneOf, resumeOf } = props;
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
  if (before && resumeOf !== undefined) {
    const problem = problemWithResuming(before, cloneOf);
    if (problem) {
      return <NotResumed before={before} {...problem} />;
    }
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
        cloneOf={cloneOf}
        resumeOf={resumeOf}
      />
    </div>
  );
}

/** Why a job cannot be resumed as the address says, and whether it can otherwise; undefined where it can. */
function problemWithResuming(
  before: TrainingJob,
  cloneOf: string | undefined,
): { title: string; description: string; canResume: boolean } | undefined {
  const { id, name } = before;
  if (!hasBegun(before)) {
    return {
      title: `${name} has no checkpoints`,
      description: 'Its program has never begun. It can be cloned instead.',
      canResume: false,
    };
  }
  return cloneOf === undefined || cloneOf === id
    ? undefined
    : {
        title: 'This address names two jobs',
        description: `It would go on from the checkpoints of ${name} with the settings of another job, which they may not fit. Choose what to start.`,
        canResume: true,
      };
}

function NotResumed(props: {
  before: TrainingJob;
  title: string;
  description: string;
  canResume: boolean;
}) {
  const { before, title, description, canResume } = props;
  const start = useRouteRef(startRouteRef)?.({ name: before.template }) ?? '#';
  const { id, name } = before;
  return (
    <Alert
      status="warning"
      icon
      title={title}
      description={description}
      customActions={
        <>
          {canResume && (
            <ButtonLink href={`${start}?resume=${id}`}>
              {`Resume ${name}`}
            </ButtonLink>
          )}
          <ButtonLink variant="secondary" href={`${start}?clone=${id}`}>
            {`Clone ${name}`}
          </ButtonLink>
        </>
      }
    />
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
