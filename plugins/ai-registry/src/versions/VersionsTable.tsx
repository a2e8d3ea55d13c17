import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  formatBytes,
  formatMetric,
  PersonName,
  RelativeTime,
  StatusPill,
  type ViewColumn,
  ViewTable,
} from '@greenroom/ai-react';
import {
  Button,
  ButtonLink,
  Cell,
  Flex,
  Link,
  Text,
  useBreakpoint,
  type Selection,
} from '@backstage/ui';
import type {
  Model,
  ModelVersion,
  Servability,
} from '@greenroom/plugin-ai-registry-common';
import { RiArrowLeftRightLine } from '@remixicon/react';
import { useState } from 'react';
import { PromoteButton } from '../promotions/PromoteButton';
import { compareRouteRef, versionRouteRef } from '../routes';
import { AliasTags } from '../view/AliasTags';
import { Digest } from '../view/Digest';
import { SERVABILITY_STATES } from '../view/servabilityFacts';
import styles from './VersionsTable.module.css';

export interface VersionsTableProps {
  model: Model;
  /** Newest first. */
  versions: ModelVersion[];
}

type Row = ModelVersion & { id: string };

/** The versions of a model; two of them can be chosen to be compared. */
export function VersionsTable({ model, versions }: VersionsTableProps) {
  const versionLink = useRouteRef(versionRouteRef);
  const compareLink = useRouteRef(compareRouteRef);
  const narrow = useBreakpoint().down('md');
  const [chosen, setChosen] = useState<number[]>([]);
  const choose = (selection: Selection) => {
    const now =
      selection === 'all'
        ? versions.slice(0, 2).map(({ version }) => version)
        : [...selection].map(Number);
    // A third choice pushes the oldest one out, so that two are always comparable.
    const kept = chosen.filter(version => now.includes(version));
    const added = now.filter(version => !chosen.includes(version));
    setChosen([...kept, ...added].slice(-2));
  };
  const [base, candidate] = [...chosen].sort((left, right) => left - right);
  const ready = candidate !== undefined;

  const columns: ViewColumn<Row>[] = [
    {
      id: 'version',
      label: 'Version',
      sortBy: row => row.version,
      isRowHeader: true,
      width: '2fr',
      minWidth: 180,
      cell: row => (
        <Cell>
          <Link
            href={
              versionLink?.({
                name: row.model,
                version: String(row.version),
              }) ?? '#'
            }
          >
            {`Version ${row.version}`}
          </Link>
          <div className={styles.description}>{row.description}</div>
          {row.external ? (
            <div className={styles.description}>
              {`Runs at a provider: ${row.external.model} through ${row.external.connection}`}
            </div>
          ) : (
            <ServabilityMark servability={row.servability} />
          )}
          {narrow && <AliasTags aliases={row.aliases} />}
        </Cell>
      ),
    },
    {
      id: 'aliases',
      label: 'Aliases',
      isOptional: true,
      isHidden: narrow,
      minWidth: 130,
      cell: row => (
        <Cell>
          <AliasTags aliases={row.aliases} />
        </Cell>
      ),
    },
    {
      id: 'metric',
      label: 'Metric',
      sortBy: row => row.evaluation?.metrics[row.evaluation.primary.name],
      isOptional: true,
      width: 120,
      cell: row => (
        <Cell>
          <Text>
            {formatMetric(row.evaluation?.metrics[row.evaluation.primary.name])}
          </Text>
          <div className={styles.description}>
            {row.evaluation?.primary.name}
          </div>
        </Cell>
      ),
    },
    {
      id: 'digest',
      label: 'Artifact',
      isOptional: true,
      isHidden: narrow,
      width: 170,
      cell: row => (
        <Cell>
          <Digest digest={row.digest} />
          <div>
            <Text variant="body-small" color="secondary">
              {formatBytes(row.sizeBytes)}
            </Text>
          </div>
        </Cell>
      ),
    },
    {
      id: 'created',
      label: 'Registered',
      sortBy: row => row.createdAt,
      isOptional: true,
      isHidden: narrow,
      width: 150,
      cell: row => (
        <Cell>
          <Text variant="body-medium">
            <RelativeTime at={row.createdAt} />
          </Text>
          <div className={styles.by}>
            <PersonName entityRef={row.createdBy} />
          </div>
        </Cell>
      ),
    },
    {
      id: 'promote',
      label: 'Promote',
      width: 130,
      cell: row => (
        <Cell>
          <PromoteButton model={model} version={row.version} />
        </Cell>
      ),
    },
  ];

  return (
    <>
      <Flex align="center" gap="3">
        {ready ? (
          <ButtonLink
            variant="secondary"
            iconStart={<RiArrowLeftRightLine />}
            href={`${compareLink?.({
              name: model.name,
            })}?base=${base}&candidate=${candidate}`}
          >
            {`Compare ${base} and ${candidate}`}
          </ButtonLink>
        ) : (
          <Button
            variant="secondary"
            iconStart={<RiArrowLeftRightLine />}
            isDisabled
          >
            Compare
          </Button>
        )}
        <Text variant="body-small" color="secondary" role="status">
          {ready ? '' : `${chosen.length} of 2 versions chosen`}
        </Text>
      </Flex>
      <ViewTable
        name="versions"
        columns={columns}
        rows={versions.map(version => ({
          ...version,
          id: String(version.version),
        }))}
        selection={{
          mode: 'multiple',
          behavior: 'toggle',
          selected: new Set(chosen.map(String)),
          onSelectionChange: choose,
        }}
      />
    </>
  );
}

/** Only what people have to know before they choose a version: one that can be served needs no words. */
function ServabilityMark({ servability }: { servability: Servability }) {
  const { state } = servability;
  if (state === 'servable') return null;
  const { tone, label } = SERVABILITY_STATES[state];
  return (
    <>
      <StatusPill tone={tone}>{label}</StatusPill>
      {state === 'unservable' && (
        <div className={styles.description}>{servability.reason}</div>
      )}
    </>
  );
}
