import {
  BreadcrumbEntry,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { Alert, Container, Header } from '@backstage/ui';
import {
  Loaded,
  Panel,
  PersonName,
  RelativeTime,
  useLive,
} from '@greenroom/ai-react';
import {
  DESCRIPTION_TAG,
  type Experiment,
  type ExperimentChangedSignal,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-training-common';
import { useMemo } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { experimentRouteRef } from '../routes';
import { Markdown } from '../run/Markdown';
import { inLanguage } from '../runs/fields';
import { useRuns } from '../runs/useRuns';
import { ExperimentActions } from './ExperimentActions';
import { RunsPanel } from './RunsPanel';
import { SelectedRuns } from './SelectedRuns';
import { useSelectedRuns } from './useSelectedRuns';
import { useView } from './useView';
import styles from './experiment.module.css';

/** One experiment: its runs, and what the chosen ones have in common and not. */
export function ExperimentPage({ id }: { id: string }) {
  const training = useApi(aiTrainingApiRef);
  const toExperiment = useRouteRef(experimentRouteRef);
  const live = useLive<
    Experiment,
    ExperimentChangedSignal & { [key: string]: string }
  >(signal => training.getExperiment(id, { signal }), [id], {
    channel: SIGNAL_CHANNEL,
    matches: ({ experiment }) => experiment === id,
    pollMillis: 60_000,
  });
  const name = live.value?.name ?? `Experiment ${id}`;
  return (
    <BreadcrumbEntry
      entry={{ label: name, href: toExperiment?.({ id }) ?? '..' }}
    >
      <Header
        title={name}
        customActions={
          live.value && (
            <ExperimentActions experiment={live.value} onDone={live.refresh} />
          )
        }
        metadata={
          live.value && [
            {
              label: 'Owner',
              value: <PersonName entityRef={live.value.owner} />,
            },
            { label: 'Number', value: <code>{id}</code> },
            {
              label: 'Changed',
              value: <RelativeTime at={live.value.updatedAt} />,
            },
            ...(live.value.lifecycle === 'deleted'
              ? [{ label: 'State', value: 'Deleted' }]
              : []),
          ]
        }
      />
      <Container>
        <Loaded live={live} what="the experiment" skeleton={[48, 320]}>
          {experiment => <ExperimentView experiment={experiment} />}
        </Loaded>
      </Container>
    </BreadcrumbEntry>
  );
}

function ExperimentView({ experiment }: { experiment: Experiment }) {
  const { id } = experiment;
  const [view, change] = useView();
  const { filter, sort } = view;
  const isDeleted = experiment.lifecycle === 'deleted';
  // With an experiment, all of its runs are deleted: there are no others to show.
  const deleted = view.deleted || isDeleted;
  const runs = useRuns(
    useMemo(
      () => ({
        experiment: id,
        ...(filter && { filter }),
        ...(sort && {
          orderBy: [
            `${inLanguage(sort.by)} ${sort.ascending ? 'ASC' : 'DESC'}`,
          ],
        }),
        ...(deleted && { lifecycle: 'deleted' as const }),
      }),
      [id, filter, sort, deleted],
    ),
  );
  const selected = useSelectedRuns({
    experiment: id,
    ids: view.selected,
    known: runs.list?.items,
  });
  const description = experiment.tags[DESCRIPTION_TAG];
  return (
    <div className={styles.page}>
      {isDeleted && (
        <Alert
          status="warning"
          icon
          title="This experiment is deleted"
          description="It and its runs are hidden from lists, and nothing more is logged to them."
        />
      )}
      {description && (
        <Panel title="About">
          <Markdown text={description} />
        </Panel>
      )}
      <RunsPanel
        experiment={experiment}
        runs={runs}
        view={{ ...view, deleted }}
        onChange={change}
      />
      {selected.length > 0 && (
        <SelectedRuns runs={selected} view={view} onChange={change} />
      )}
    </div>
  );
}
