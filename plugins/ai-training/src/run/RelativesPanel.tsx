import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { Loaded, Panel, useLive } from '@greenroom/ai-react';
import type { Run } from '@greenroom/plugin-ai-training-common';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { runRouteRef } from '../routes';
import { RunStatusPill } from '../runs/RunStatusPill';
import { PARENT_TAG } from './source';
import styles from './run.module.css';

/** Of more, the table of the experiment has them all. */
const MOST_CHILDREN = 100;
const POLL_MILLIS = 30_000;

/** The run that a run belongs to, and those that belong to it. */
export function RelativesPanel({ run }: { run: Run }) {
  const training = useApi(aiTrainingApiRef);
  const parentId = run.tags[PARENT_TAG];
  const live = useLive(
    async signal => {
      const [parent, children] = await Promise.all([
        parentId === undefined
          ? undefined
          : training.getRun(parentId, { signal }),
        training.listRuns(
          {
            experiment: run.experiment,
            filter: `tags.\`${PARENT_TAG}\` = '${run.id}'`,
            limit: MOST_CHILDREN,
          },
          { signal },
        ),
      ]);
      return { parent, children };
    },
    [run.id, parentId],
    { pollMillis: POLL_MILLIS, keepPrevious: true },
  );
  const hasNone =
    parentId === undefined &&
    !live.error &&
    (live.value?.children.items.length ?? 0) === 0;
  if (hasNone) return null;
  return (
    <Panel title="Nested runs">
      <Loaded live={live} what="the nested runs" skeleton={[48]}>
        {({ parent, children }) => (
          <>
            {parent && (
              <p className={styles.relative}>
                Part of <RunLink run={parent} />
              </p>
            )}
            {children.items.length > 0 && (
              <ul className={styles.relatives} aria-label="Child runs">
                {children.items.map(child => (
                  <li key={child.id} className={styles.relative}>
                    <RunLink run={child} />
                  </li>
                ))}
              </ul>
            )}
            {children.nextCursor !== undefined && (
              <p className={styles.note}>
                The first {children.items.length}: filter the runs of the
                experiment by tags.`{PARENT_TAG}` to see all.
              </p>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function RunLink({ run }: { run: Run }) {
  const toRun = useRouteRef(runRouteRef);
  return (
    <>
      <Link href={toRun?.({ runId: run.id }) ?? '#'}>{run.name}</Link>{' '}
      <RunStatusPill run={run} />
    </>
  );
}
