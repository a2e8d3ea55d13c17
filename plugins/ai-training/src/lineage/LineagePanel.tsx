import { parseEntityRef } from '@backstage/catalog-model';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { ErrorNotice, FlowGraph, Loaded, Panel } from '@greenroom/ai-react';
import type {
  LoggedModelSummary,
  Run,
} from '@greenroom/plugin-ai-training-common';
import {
  datasetVersionRouteRef,
  deploymentRouteRef,
  versionRouteRef,
} from '../routes';
import { type LineageTarget, runLineage } from './runLineage';
import { useRunLineage } from './useRunLineage';
import styles from './lineage.module.css';

export interface LineagePanelProps {
  run: Run;
  /** That the run made; undefined until they are known. */
  models: LoggedModelSummary[] | undefined;
}

/** From the rows and the commit that a run was made from to those who call what came of it. */
export function LineagePanel({ run, models = [] }: LineagePanelProps) {
  const live = useRunLineage(run, models);
  const hrefOf = useHrefs();
  return (
    <Panel
      title="Lineage"
      description="What the run was made from, what it made, and where that runs."
    >
      <Loaded live={live} what="the lineage" skeleton={[120]}>
        {parts => {
          const { columns, nodes, edges, hints } = runLineage({
            ...parts,
            run,
            models,
          });
          const failed = [
            parts.datasets,
            parts.versions,
            parts.deployments,
            parts.consumers,
          ]
            .flatMap(answer =>
              answer.state === 'failed' ? [answer.error] : [],
            )
            .slice(0, 1);
          return (
            <>
              {failed.map(error => (
                <ErrorNotice
                  key={error.message}
                  title="What came of the run is not all shown"
                  error={error}
                  onRetry={live.refresh}
                  retries
                />
              ))}
              <FlowGraph
                label="Lineage of the run"
                columns={columns}
                edges={edges}
                nodes={nodes.map(({ target, ...node }) => ({
                  ...node,
                  href: target && hrefOf(target),
                  isExternal: target?.page === 'outside',
                }))}
              />
              {hints.length > 0 && (
                <ul className={styles.hints} aria-label="What is missing">
                  {hints.map(hint => (
                    <li key={hint}>{hint}</li>
                  ))}
                </ul>
              )}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

/** Addresses of pages; of plugins that are not installed, undefined. */
function useHrefs(): (target: LineageTarget) => string | undefined {
  const toDataset = useRouteRef(datasetVersionRouteRef);
  const toVersion = useRouteRef(versionRouteRef);
  const toDeployment = useRouteRef(deploymentRouteRef);
  const toEntity = useRouteRef(entityRouteRef);
  return target => {
    switch (target.page) {
      case 'outside':
        return target.url;
      case 'dataset':
        return toDataset?.({ name: target.name, version: target.version });
      case 'version':
        return toVersion?.({
          name: target.model,
          version: String(target.version),
        });
      case 'deployment':
        return toDeployment?.({
          environment: target.environment,
          model: target.model,
        });
      case 'owner': {
        const { kind, namespace, name } = parseEntityRef(target.entityRef);
        return toEntity?.({
          kind: kind.toLocaleLowerCase('en'),
          namespace,
          name,
        });
      }
      default:
        throw new Error(`No page: ${JSON.stringify(target satisfies never)}`);
    }
  };
}
