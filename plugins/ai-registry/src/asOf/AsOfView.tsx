import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Alert, Button, Link } from '@backstage/ui';
import {
  EmptyState,
  ErrorNotice,
  Facts,
  formatMoment,
  Loaded,
  Panel,
  PlainTable,
  useLive,
} from '@greenroom/ai-react';
import type {
  ModelAsOf,
  VersionAsOf,
} from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { versionRouteRef } from '../routes';
import { AliasTags } from '../view/AliasTags';
import styles from './asOf.module.css';

interface AsOfViewProps {
  model: string;
  /** RFC 3339. */
  at: string;
}

/** What was said of a model at a moment, marked as not being in force. */
export function AsOfView({ model, at }: AsOfViewProps) {
  const registry = useApi(aiRegistryApiRef);
  // The past does not change: it is asked for once.
  const answer = useLive(
    signal => registry.getModelAsOf(model, { at }, { signal }),
    [model, at],
  );
  return (
    <Loaded live={answer} what={`${model} as it was`} skeleton={[64, 160]}>
      {value => (
        <div className={styles.then} data-testid="as-of">
          <Alert
            status="warning"
            icon
            title={`As it was on ${formatMoment(
              value.at,
            )}, which is not as it is now`}
          />
          <Said answer={value} />
        </div>
      )}
    </Loaded>
  );
}

function Said({ answer }: { answer: ModelAsOf }) {
  if (answer.state === 'deleted') {
    return (
      <EmptyState
        title="It was deleted then"
        description="It was brought back later. Choose a moment before it was deleted, or after."
      />
    );
  }
  return (
    <>
      <Panel title="Model">
        <Facts
          facts={[
            {
              label: 'Description',
              value: answer.description && (
                <span className={styles.text}>{answer.description}</span>
              ),
              wide: true,
            },
            { label: 'Tags', value: tagsText(answer.tags), wide: true },
            {
              label: 'Aliases',
              value: answer.aliases
                .map(({ alias, version }) => `${alias}: version ${version}`)
                .join(', '),
              wide: true,
            },
          ]}
        />
      </Panel>
      <VersionsThen answer={answer} />
    </>
  );
}

function VersionsThen({
  answer,
}: {
  answer: Extract<ModelAsOf, { state: 'there' }>;
}) {
  const registry = useApi(aiRegistryApiRef);
  const [page, setPage] = useState<{
    versions: VersionAsOf[];
    nextCursor?: string;
  }>(answer);
  const [more, readMore] = useAsyncFn(async () => {
    const { model, at } = answer;
    const next = await registry.getModelAsOf(model, {
      at,
      cursor: page.nextCursor,
    });
    if (next.state === 'deleted') return;
    setPage({
      versions: [...page.versions, ...next.versions],
      nextCursor: next.nextCursor,
    });
  }, [registry, answer, page]);
  return (
    <Panel title="Versions that were there">
      {page.versions.length === 0 ? (
        <EmptyState
          title="None"
          description="No version was registered then, or all were deleted."
        />
      ) : (
        <PlainTable
          label="Versions as they were"
          columns={['Version', 'Aliases', 'Stage', 'Tags', 'Description']}
        >
          {page.versions.map(version => (
            <VersionRow
              key={version.version}
              model={answer.model}
              version={version}
            />
          ))}
        </PlainTable>
      )}
      {page.nextCursor !== undefined && (
        <Button
          variant="secondary"
          isPending={more.loading}
          onPress={() => readMore()}
        >
          Show older versions
        </Button>
      )}
      {more.error && (
        <ErrorNotice title="They were not read" error={more.error} />
      )}
    </Panel>
  );
}

function VersionRow(props: { model: string; version: VersionAsOf }) {
  const { model, version } = props;
  const versionLink = useRouteRef(versionRouteRef);
  const href = versionLink?.({
    name: model,
    version: String(version.version),
  });
  return (
    <tr>
      <td>
        <Link href={href ?? '#'}>{`Version ${version.version}`}</Link>
      </td>
      <td>
        <AliasTags aliases={version.aliases} />
      </td>
      <td>{version.stage}</td>
      <td>{tagsText(version.tags)}</td>
      <td>
        <span className={styles.text}>{version.description}</span>
      </td>
    </tr>
  );
}

function tagsText(tags: Record<string, string>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}
