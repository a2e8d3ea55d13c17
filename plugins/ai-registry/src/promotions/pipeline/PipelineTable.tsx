import { useRouteRef } from '@backstage/frontend-plugin-api';
import { BgProvider } from '@backstage/ui';
import {
  ModelName,
  PersonName,
  PlainTable,
  StatusPill,
} from '@greenroom/ai-react';
import type {
  PipelineEnvironment,
  PipelineRow,
} from '@greenroom/plugin-ai-registry-common';
import { modelRouteRef } from '../../routes';
import { Countdown } from '../Countdown';
import { lookAt, type Serving } from './lookAt';
import { PipelineCell } from './PipelineCell';
import styles from './PipelineTable.module.css';

const NEW_VERSIONS = {
  propose: 'New versions are proposed by themselves',
  merge: 'New versions are merged by themselves',
};

export interface PipelineTableProps {
  environments: PipelineEnvironment[];
  rows: PipelineRow[];
  /** Undefined while it is not known. */
  serving: Serving | undefined;
  /** Called when a time that something waits for has passed. */
  onPassed(): void;
}

/** Models and environments, in the order in which versions move. */
export function PipelineTable(props: PipelineTableProps) {
  const { environments, rows, serving, onPassed } = props;
  const modelLink = useRouteRef(modelRouteRef);
  return (
    <BgProvider bg="neutral-1">
      <div className={styles.panel}>
        {environments.length > 1 && (
          <p className={styles.hint}>Scroll sideways for all environments.</p>
        )}
        <PlainTable
          label="Models and what runs in each environment"
          className={styles.table}
          columns={[
            'Model',
            ...environments.map(environment => (
              <EnvironmentHead
                key={environment.name}
                environment={environment}
                all={environments}
                onPassed={onPassed}
              />
            )),
          ]}
        >
          {rows.map(row => (
            <tr key={row.model.name}>
              <th scope="row">
                <div className={styles.model}>
                  <ModelName
                    name={row.model.name}
                    title={row.model.title}
                    to={modelLink?.({ name: row.model.name })}
                  />
                  <span className={styles.text}>
                    <PersonName entityRef={row.model.owner} />
                  </span>
                  <span className={styles.text}>
                    {row.model.latestVersion === undefined
                      ? 'No version yet'
                      : `Newest: version ${row.model.latestVersion}`}
                  </span>
                </div>
              </th>
              {row.stops.map(stop => (
                <td key={stop.environment}>
                  <PipelineCell
                    row={row}
                    stop={stop}
                    view={lookAt(row.model.name, stop, serving)}
                    onPassed={onPassed}
                  />
                </td>
              ))}
            </tr>
          ))}
        </PlainTable>
      </div>
    </BgProvider>
  );
}

/** What is special of an environment, above its column. */
function EnvironmentHead(props: {
  environment: PipelineEnvironment;
  all: PipelineEnvironment[];
  onPassed(): void;
}) {
  const { environment, all, onPassed } = props;
  const { name, title, promotesFrom, newVersions, freeze } = environment;
  const before = all.find(one => one.name === promotesFrom);
  return (
    <div className={styles.head}>
      <span className={styles.title}>
        {title}
        {title !== name && <code className={styles.name}>{name}</code>}
      </span>
      {promotesFrom !== undefined && (
        <span className={styles.text}>{`from ${
          before?.title ?? promotesFrom
        }`}</span>
      )}
      {newVersions && (
        <span className={styles.text}>{NEW_VERSIONS[newVersions]}</span>
      )}
      {freeze && (
        <span className={styles.text}>
          <StatusPill tone="warning">frozen</StatusPill> {freeze.reason}
          {freeze.until && (
            <>
              , opens <Countdown until={freeze.until} onPassed={onPassed} />
            </>
          )}
        </span>
      )}
    </div>
  );
}
