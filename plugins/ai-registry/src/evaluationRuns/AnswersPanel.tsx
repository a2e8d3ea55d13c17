import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, Select } from '@backstage/ui';
import {
  EmptyState,
  formatNumber,
  Loaded,
  Panel,
  PlainTable,
  StatusPill,
  useLive,
} from '@greenroom/ai-react';
import {
  aiDatasetDownloadPermission,
  type EvaluationAnswer,
  type EvaluationAnswersQuery,
  type EvaluationRun,
} from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { rowsText } from '../view/rowsText';
import styles from './evaluationRuns.module.css';
import { isRunUnderWay } from './RunPill';

const PAGE_ROWS = 50;
const MOST_ROWS = 200;
const OPEN_POLL_MILLIS = 2_000;
/** The answers of a run that has ended never change. */
const DONE_POLL_MILLIS = 60 * 60_000;

export interface AnswersPanelProps {
  run: EvaluationRun;
  /** Id of a run whose answers stand beside these. */
  compareWith?: string;
}

/** What was asked and answered, row by row. */
export function AnswersPanel({ run, compareWith }: AnswersPanelProps) {
  const allowed = usePermission({
    permission: aiDatasetDownloadPermission,
    resourceRef: run.dataset.name,
  });
  if (allowed.loading) return null;
  if (!allowed.allowed) {
    return (
      <Panel title="Answers">
        <EmptyState
          title="Not for you to read"
          description="The rows are for those with the permission ai-registry.dataset.download: ask the owner of the dataset."
        />
      </Panel>
    );
  }
  return <Answers run={run} compareWith={compareWith} />;
}

type Filter = 'all' | NonNullable<EvaluationAnswersQuery['only']>;

const EMPTY: Record<Filter, string> = {
  all: 'Nothing was answered yet.',
  wrong: 'Every row is answered, and every scorer finds it right.',
  differing:
    'The scorers judge all rows the same with both versions. Look at all rows to see how the answers differ.',
};

function Answers({ run, compareWith }: AnswersPanelProps) {
  const { model, version, id } = run;
  const registry = useApi(aiRegistryApiRef);
  const [filter, setFilter] = useState<Filter>(
    compareWith === undefined ? 'all' : 'differing',
  );
  const [limit, setLimit] = useState(PAGE_ROWS);
  const phase = run.state.phase;
  const answers = useLive(
    signal =>
      registry.listEvaluationAnswers(
        { model, version, run: id },
        { limit, compareWith, ...(filter !== 'all' && { only: filter }) },
        { signal },
      ),
    [model, version, id, limit, compareWith, filter, phase],
    {
      pollMillis: isRunUnderWay(run) ? OPEN_POLL_MILLIS : DONE_POLL_MILLIS,
      keepPrevious: true,
    },
  );
  return (
    <Panel
      title="Answers"
      actions={
        <Select
          aria-label="Which answers"
          size="small"
          options={[
            { id: 'all', label: 'All rows' },
            { id: 'wrong', label: 'Wrong or unanswered' },
            ...(compareWith === undefined
              ? []
              : [{ id: 'differing', label: 'Only where they differ' }]),
          ]}
          value={filter}
          onChange={value => {
            setFilter(value as Filter);
            setLimit(PAGE_ROWS);
          }}
        />
      }
    >
      <Loaded live={answers} what="the answers" skeleton={[160]}>
        {({ items, totalItems }) =>
          items.length === 0 ? (
            <EmptyState title="No such rows" description={EMPTY[filter]} />
          ) : (
            <>
              <AnswersTable
                items={items}
                compares={compareWith !== undefined}
              />
              <p className={styles.count} role="status">
                {`${formatNumber(items.length)} of ${rowsText(totalItems)}`}
              </p>
              {items.length < totalItems && limit < MOST_ROWS && (
                <Button variant="secondary" onPress={() => setLimit(MOST_ROWS)}>
                  Show more
                </Button>
              )}
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}

function AnswersTable(props: { items: EvaluationAnswer[]; compares: boolean }) {
  const { items, compares } = props;
  return (
    <PlainTable
      label="Prompts and answers"
      columns={[
        'Row',
        'Prompt',
        'Expected',
        'Answer',
        ...(compares ? ['Other version'] : []),
      ]}
      className={styles.answers}
    >
      {items.map(item => (
        <tr key={item.row}>
          <td>{item.row + 1}</td>
          <td>{promptOf(item)}</td>
          <td>{item.expected ?? item.pattern}</td>
          <td>
            <AnswerOf {...item} />
            {item.cut && <div className={styles.note}>cut off</div>}
          </td>
          {compares && <td>{item.other && <AnswerOf {...item.other} />}</td>}
        </tr>
      ))}
    </PlainTable>
  );
}

function AnswerOf(
  props: Pick<EvaluationAnswer, 'answer' | 'error' | 'scores'>,
) {
  const { answer, error, scores } = props;
  return (
    <>
      <div>
        {error === undefined ? (
          answer
        ) : (
          <span className={styles.note}>{`No answer: ${error}`}</span>
        )}
      </div>
      <div className={styles.scores}>
        {Object.entries(scores).map(([scorer, score]) => (
          <StatusPill key={scorer} tone={score === 1 ? 'good' : 'bad'}>
            {`${scorer}: ${score === 1 ? 'right' : 'wrong'}`}
          </StatusPill>
        ))}
      </div>
    </>
  );
}

/** The texts of a prompt; what else is in it, as JSON. */
function promptOf({ input }: EvaluationAnswer): string {
  if (typeof input === 'string') return input;
  return input
    .map(({ role, content }) =>
      typeof content === 'string'
        ? `${role}: ${content}`
        : `${role}: ${JSON.stringify(content)}`,
    )
    .join('\n');
}
