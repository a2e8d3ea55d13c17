import { useApi } from '@backstage/core-plugin-api';
import { useLive } from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  WindowUpdatedSignal,
} from '@greenroom/plugin-ai-monitoring-common';
import { aiMonitoringApiRef } from '../api/AiMonitoringApi';
import { versionsApiRef } from '../api/VersionsApi';
import { RangeId, rangeEndingAt } from './timeRange';

export interface Scope {
  environment: string;
  model: string;
}

/** Signals carry JSON, so the type is an intersection with a plain object. */
type Message = WindowUpdatedSignal &
  Record<string, string | string[] | number[]>;

function optionsFor(
  { environment, model }: Scope,
  times = { pollMillis: 10_000, spacingMillis: 2_000 },
) {
  return {
    channel: SIGNAL_CHANNEL,
    matches: (message: Message) =>
      message.model === model && message.environment === environment,
    ...times,
    keepPrevious: true,
  };
}

/** A model's verdict. */
export function useHealth(scope: Scope) {
  const monitoring = useApi(aiMonitoringApiRef);
  const { environment, model } = scope;
  return useLive(
    async signal => {
      const { items } = await monitoring.listHealth(
        { environment, model },
        { signal },
      );
      return { health: items.at(0) };
    },
    [environment, model],
    optionsFor(scope),
  );
}

/** Whether the registry knows the model; it is taken to when the registry cannot be asked. */
export function useModelExists(model: string) {
  const registry = useApi(versionsApiRef);
  return useLive(
    async signal => {
      try {
        await registry.getModel(model, { signal });
      } catch (error) {
        const { statusCode } = error as { statusCode?: number };
        if (statusCode === 404) return { exists: false };
      }
      return { exists: true };
    },
    [model],
    { pollMillis: 60_000 },
  );
}

/** Traffic, what is missing in it, and what happened to the model, over the range that ends now. */
export function useTraffic(scope: Scope, rangeId: RangeId) {
  const monitoring = useApi(aiMonitoringApiRef);
  const { environment, model } = scope;
  return useLive(
    async signal => {
      const range = rangeEndingAt(rangeId, Date.now());
      const [traffic, markers, holes] = await Promise.all([
        monitoring.getTraffic({ ...scope, ...range }, { signal }),
        monitoring.listMarkers({ ...scope, ...range }, { signal }),
        monitoring.listHoles({ environment, ...range }, { signal }),
      ]);
      return {
        range,
        series: traffic.items,
        markers: markers.items,
        holes: holes.items,
      };
    },
    [environment, model, rangeId],
    optionsFor(scope),
  );
}

/** A version's live distributions against its baseline, over the range that ends now. */
export function useDrift(scope: Scope, version: number, rangeId: RangeId) {
  const monitoring = useApi(aiMonitoringApiRef);
  const { environment, model } = scope;
  return useLive(
    async signal => {
      const request = {
        ...scope,
        ...rangeEndingAt(rangeId, Date.now()),
        version,
      };
      const [drift, timeline] = await Promise.all([
        monitoring.getDrift(request, { signal }),
        monitoring.getDriftTimeline(request, { signal }),
      ]);
      return { drift, timeline };
    },
    [environment, model, version, rangeId],
    // Comparing distributions costs more than reading counters.
    optionsFor(scope, { pollMillis: 30_000, spacingMillis: 10_000 }),
  );
}

/** Days of outcomes: they come late, and a day is the shortest that tells anything. */
const OUTCOME_DAYS = 30;

/** What callers said of requests of the last 30 days. */
export function useOutcomes(scope: Scope) {
  const monitoring = useApi(aiMonitoringApiRef);
  const { environment, model } = scope;
  return useLive(
    async signal => {
      const now = Date.now();
      const range = {
        from: new Date(now - OUTCOME_DAYS * 86_400_000).toISOString(),
        to: new Date(now).toISOString(),
      };
      const outcomes = await monitoring.listOutcomes(
        { ...scope, ...range },
        { signal },
      );
      return { ...outcomes, range };
    },
    [environment, model],
    optionsFor(scope, { pollMillis: 60_000, spacingMillis: 60_000 }),
  );
}

/** What the version's features are; versions never change. */
export function useVersionSchema(model: string, version: number) {
  const registry = useApi(versionsApiRef);
  return useLive(
    async signal => {
      const { schema } = await registry.getVersion(model, version, { signal });
      return { schema };
    },
    [model, version],
    { pollMillis: 3_600_000 },
  );
}
