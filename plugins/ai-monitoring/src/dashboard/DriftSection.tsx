import { useRouteRef } from '@backstage/frontend-plugin-api';
import { ButtonLink } from '@backstage/ui';
import { EmptyState, formatNumber, Loaded, Panel } from '@greenroom/ai-react';
import type { DriftReport } from '@greenroom/ml-kit';
import type {
  DriftResponse,
  DriftTimeline,
} from '@greenroom/plugin-ai-monitoring-common';
import { playgroundRouteRef } from '../routes';
import { DriftHeatMap } from './DriftHeatMap';
import { DriftImage } from './DriftImage';
import { PredictionPanel } from './PredictionPanel';
import { TopFeatures } from './TopFeatures';
import type { RangeId } from './timeRange';
import { Scope, useDrift, useVersionSchema } from './useDashboard';
import styles from './dashboard.module.css';

interface DriftSectionProps {
  scope: Scope;
  version: number;
  rangeId: RangeId;
}

/** What goes into and comes out of a version, against what it was released with. */
export function DriftSection({ scope, version, rangeId }: DriftSectionProps) {
  const live = useDrift(scope, version, rangeId);
  return (
    <Loaded live={live} what="the drift report" skeleton={[200, 160]}>
      {({ drift, timeline }) =>
        drift.report ? (
          <Report
            model={scope.model}
            drift={drift}
            report={drift.report}
            timeline={timeline}
          />
        ) : (
          <NoReport drift={drift} />
        )
      }
    </Loaded>
  );
}

interface ReportProps {
  model: string;
  drift: DriftResponse;
  report: DriftReport;
  timeline: DriftTimeline;
}

function Report({ model, drift, report, timeline }: ReportProps) {
  const { value } = useVersionSchema(model, drift.version);
  const schema = value?.schema;
  return (
    <>
      <div className={styles.charts}>
        <PredictionPanel drift={drift} report={report} schema={schema} />
        {schema?.image ? (
          <DriftImage report={report} schema={schema} image={schema.image} />
        ) : (
          <DriftHeatMap timeline={timeline} report={report} />
        )}
      </div>
      {schema?.image && <DriftHeatMap timeline={timeline} report={report} />}
      <TopFeatures drift={drift} report={report} schema={schema} />
      <Unwatched drift={drift} />
    </>
  );
}

/** What of the version's input nobody watches, by name. */
function Unwatched({ drift }: { drift: DriftResponse }) {
  if (drift.unwatched.length === 0) return null;
  return (
    <Panel
      title="Not watched"
      description="Name these in the schema of the next version, with reference rows, to have them watched."
    >
      <ul>
        {drift.unwatched.map(what => (
          <li key={what}>{what}</li>
        ))}
      </ul>
    </Panel>
  );
}

function NoReport({ drift }: { drift: DriftResponse }) {
  const toPlayground = useRouteRef(playgroundRouteRef);
  return (
    <Panel title={`Drift of version ${drift.version}`}>
      {drift.reason === 'no-baseline' ? (
        <EmptyState
          title="This version has no baseline"
          description="Nothing says what its input looked like when it was released. A version of a model of tensors that is registered with reference rows has one, and its live input is compared with them; texts are not compared."
        />
      ) : (
        <EmptyState
          title="No input was sampled in this range"
          description={`${formatNumber(
            drift.rows,
          )} rows were copied from requests to this version. Choose a longer range, or send it requests.`}
          action={
            toPlayground && (
              <ButtonLink
                size="small"
                href={toPlayground({ model: drift.model })}
              >
                Open the playground
              </ButtonLink>
            )
          }
        />
      )}
    </Panel>
  );
}
