import { ResponseError } from '@backstage/errors';
import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  ButtonLink,
  Container,
  Header,
  Link,
  Select,
} from '@backstage/ui';
import {
  EmptyState,
  Loaded,
  useEntityTitles,
  useLive,
} from '@greenroom/ai-react';
import {
  type JobPage,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-training-common';
import { RiAddLine } from '@remixicon/react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { templatesRouteRef } from '../routes';
import { useTemplates } from '../templates/useTemplates';
import { TRAINING_DOCS } from '../templates/docs';
import { JobsTable } from './JobsTable';
import { isOpen } from './jobTimes';
import { STATE_FILTERS, useJobFilter } from './useJobFilter';
import styles from './jobs.module.css';

/** The table has pages of its own in it. */
const PAGE_SIZE = 100;
/** While something runs, its numbers change. */
const BUSY_POLL_MILLIS = 5_000;
const IDLE_POLL_MILLIS = 30_000;
const ALL = 'all';

/** Training runs that the platform runs, the newest first. */
export function JobsPage() {
  const training = useApi(aiTrainingApiRef);
  const toTemplates = useRouteRef(templatesRouteRef);
  const filter = useJobFilter();
  const jobs = useLive(
    async signal => {
      try {
        return await training.listJobs(
          { ...filter.query, limit: PAGE_SIZE },
          { signal },
        );
      } catch (error) {
        if (filter.cursor === undefined || !isRefusal(error)) throw error;
        // Of an old link: the newest ones are shown, and nothing is wrong with the filters unless they refuse these, too.
        const { cursor: _, ...query } = filter.query;
        const page = await training.listJobs(
          { ...query, limit: PAGE_SIZE },
          { signal },
        );
        filter.dropCursor();
        return page;
      }
    },
    [JSON.stringify(filter.query)],
    {
      channel: SIGNAL_CHANNEL,
      matches: ({ type }: { type: string }) => type === 'job-changed',
      pollMillis: page =>
        page?.items.some(isOpen) ? BUSY_POLL_MILLIS : IDLE_POLL_MILLIS,
      keepPrevious: true,
    },
  );
  return (
    <>
      <Header
        title="Jobs"
        description="Training that the platform runs: each job is a run of a template's program, started when it is its turn, followed, and kept with its log."
        customActions={
          <ButtonLink
            variant="primary"
            iconStart={<RiAddLine />}
            href={toTemplates?.() ?? '#'}
          >
            Start from a template
          </ButtonLink>
        }
      />
      <Container>
        <Loaded live={jobs} what="the jobs" skeleton={[40, 240]}>
          {page => (
            <div className={styles.page}>
              <Filters filter={filter} page={page} />
              {page.items.length > 0 ? (
                <JobsTable items={page.items} />
              ) : (
                <NoJobs filter={filter} />
              )}
              <Paging filter={filter} page={page} />
            </div>
          )}
        </Loaded>
      </Container>
    </>
  );
}

function isRefusal(error: unknown): boolean {
  return error instanceof ResponseError && error.statusCode === 400;
}

type Filter = ReturnType<typeof useJobFilter>;

function Filters({ filter, page }: { filter: Filter; page: JobPage }) {
  const templates = useTemplates();
  const known = templates.value ?? [];
  const teams = [
    ...known.map(({ spec }) => spec.owner),
    ...page.items.map(({ team }) => team),
    ...(filter.team === undefined ? [] : [filter.team]),
  ];
  const titleOf = useEntityTitles(teams);
  return (
    <div className={styles.filters} role="search" aria-label="Jobs">
      <Select
        className={styles.filter}
        label="State"
        options={STATE_FILTERS.map(({ id, label }) => ({ id, label }))}
        value={filter.phase}
        onChange={id =>
          filter.change('phase', id === ALL ? undefined : `${id}`)
        }
      />
      <Choice
        label="Template"
        all="All templates"
        known={[
          ...known.map(({ spec }) => spec.name),
          ...page.items.map(({ template }) => template),
        ]}
        value={filter.template}
        onChange={value => filter.change('template', value)}
      />
      <Choice
        label="Team"
        all="All teams"
        known={teams}
        value={filter.team}
        labelOf={titleOf}
        onChange={value => filter.change('team', value)}
      />
      <p role="status" className={styles.count}>
        {page.items.length === 1 ? '1 job' : `${page.items.length} jobs`}
        {page.nextCursor !== undefined && ' on this page'}
      </p>
    </div>
  );
}

/** One of those that there are, or all. */
function Choice(props: {
  label: string;
  all: string;
  known: string[];
  value: string | undefined;
  labelOf?(value: string): string;
  onChange(value: string | undefined): void;
}) {
  const { label, all, known, value, labelOf = text => text, onChange } = props;
  const options = [
    ...new Set([...known, ...(value === undefined ? [] : [value])]),
  ].sort((a, b) => a.localeCompare(b, 'en'));
  return (
    <Select
      className={styles.filter}
      label={label}
      options={[
        { id: `${ALL}:`, label: all },
        ...options.map(one => ({ id: one, label: labelOf(one) })),
      ]}
      value={value ?? `${ALL}:`}
      onChange={id => onChange(id === `${ALL}:` ? undefined : `${id}`)}
    />
  );
}

function Paging({ filter, page }: { filter: Filter; page: JobPage }) {
  const { nextCursor } = page;
  if (filter.cursor === undefined && nextCursor === undefined) return null;
  return (
    <nav className={styles.paging} aria-label="Pages of jobs">
      <Button
        variant="secondary"
        isDisabled={filter.cursor === undefined}
        onPress={() => filter.turnTo(undefined)}
      >
        Newest
      </Button>
      <Button
        variant="secondary"
        isDisabled={nextCursor === undefined}
        onPress={() => filter.turnTo(nextCursor)}
      >
        Older
      </Button>
    </nav>
  );
}

function NoJobs({ filter }: { filter: Filter }) {
  const toTemplates = useRouteRef(templatesRouteRef);
  const templates = useTemplates();
  if (filter.isFiltered || filter.cursor !== undefined) {
    return (
      <EmptyState
        title="No job matches"
        description="Choose other states, another template or team, or take the filters away."
        action={
          <Button variant="secondary" onPress={filter.clear}>
            Show all jobs
          </Button>
        }
      />
    );
  }
  const hasTemplates = (templates.value?.length ?? 0) > 0;
  return (
    <EmptyState
      title="No job yet"
      description={
        hasTemplates ? (
          'Choose a template, set what it may be told, and start it: its run is then followed here.'
        ) : (
          <>
            A job runs the program of a template, which lies beside the code in
            Git as <code>greenroom/train.yaml</code>. Write one and register it:{' '}
            <Link href={TRAINING_DOCS} target="_blank">
              Train a model
            </Link>{' '}
            says how.
          </>
        )
      }
      action={
        <ButtonLink variant="secondary" href={toTemplates?.() ?? '#'}>
          {hasTemplates ? 'Choose a template' : 'Register a template'}
        </ButtonLink>
      }
    />
  );
}
