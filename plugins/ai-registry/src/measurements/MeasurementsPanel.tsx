import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { toError } from '@backstage/errors';
import { Button, Tooltip, TooltipTrigger } from '@backstage/ui';
import {
  EmptyState,
  ErrorNotice,
  formatMetric,
  Loaded,
  Panel,
  PlainTable,
  RelativeTime,
  StatusPill,
  type StatusTone,
  useLive,
} from '@greenroom/ai-react';
import {
  aiModelUpdatePermission,
  type MeasurementSummary,
  type ModelVersionDetail,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-registry-common';
import { RiRulerLine } from '@remixicon/react';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { MeasureDialog } from './MeasureDialog';
import { MeasurementView } from './MeasurementView';
import { intervalText } from './ValueInterval';

/** Polling beside the signals: often while something is under way. */
const OPEN_POLL_MILLIS = 2_000;
const DONE_POLL_MILLIS = 60_000;

const PHASES: Record<
  MeasurementSummary['state']['phase'],
  { tone: StatusTone; label: string }
> = {
  queued: { tone: 'progress', label: 'Waiting' },
  running: { tone: 'progress', label: 'Measuring' },
  done: { tone: 'good', label: 'Done' },
  failed: { tone: 'bad', label: 'Failed' },
  cancelled: { tone: 'neutral', label: 'Cancelled' },
};

export interface MeasurementsPanelProps {
  version: Pick<ModelVersionDetail, 'model' | 'version' | 'schema'>;
}

/** How good a version was when it was measured here, and the button for another measurement. */
export function MeasurementsPanel(props: MeasurementsPanelProps) {
  const { model, version, schema } = props.version;
  const registry = useApi(aiRegistryApiRef);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const live = useLive(
    async signal => {
      const { items } = await registry.listMeasurements(
        { model, version },
        { limit: 20 },
        { signal },
      );
      const shown = items.find(({ id }) => id === chosen) ?? items[0];
      const detail =
        shown &&
        (await registry.getMeasurement(
          { model, version, measurement: shown.id },
          { signal },
        ));
      return { items, detail };
    },
    [model, version, chosen],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.model === model,
      pollMillis: value =>
        value?.items.some(isUnderWay) ||
        value?.detail?.comparison?.missing?.endsWith('still being measured.')
          ? OPEN_POLL_MILLIS
          : DONE_POLL_MILLIS,
      keepPrevious: true,
    },
  );
  const allowed = usePermission({
    permission: aiModelUpdatePermission,
    resourceRef: model,
  });
  const refused = !allowed.loading && !allowed.allowed;
  return (
    <Panel
      title="Measurements"
      description="How good its answers to the rows of a dataset are, found out here and not claimed."
      actions={
        <TooltipTrigger isDisabled={!refused}>
          {/* Not disabled when refused: a disabled button cannot be focused to read the reason. */}
          <Button
            variant="secondary"
            iconStart={<RiRulerLine />}
            aria-label={`Measure version ${version}`}
            aria-disabled={refused || undefined}
            onPress={() => !refused && setOpen(true)}
          >
            Measure
          </Button>
          <Tooltip>
            Only the owner of the model and platform administrators may have its
            versions measured.
          </Tooltip>
        </TooltipTrigger>
      }
    >
      <Loaded live={live} what="the measurements" skeleton={[80]}>
        {({ items, detail }) =>
          items.length === 0 ? (
            <EmptyState
              title="Not measured yet"
              description="Have it answer the rows of a dataset. A promotion does so by itself where its manifest names rows."
            />
          ) : (
            <>
              <PlainTable
                label="Measurements"
                columns={['Rows', 'State', 'Result', '']}
              >
                {items.map(one => (
                  <MeasurementRow
                    key={one.id}
                    measurement={one}
                    isShown={one.id === detail?.id}
                    onShow={() => setChosen(one.id)}
                    onCancelled={live.refresh}
                  />
                ))}
              </PlainTable>
              {detail && <MeasurementView measurement={detail} />}
            </>
          )
        }
      </Loaded>
      {isOpen && (
        <MeasureDialog
          model={model}
          version={version}
          isClassifier={schema?.task === 'classification'}
          isOpen
          onOpenChange={setOpen}
          onAsked={id => {
            setChosen(id);
            live.refresh();
          }}
        />
      )}
    </Panel>
  );
}

function MeasurementRow(props: {
  measurement: MeasurementSummary;
  isShown: boolean;
  onShow(): void;
  onCancelled(): void;
}) {
  const { measurement, isShown, onShow, onCancelled } = props;
  const registry = useApi(aiRegistryApiRef);
  const [error, setError] = useState<Error>();
  const { id, model, version, dataset, target, state } = measurement;
  const { tone, label } = PHASES[state.phase];
  const name = `${dataset.name}, version ${dataset.version}`;
  const cancel = async () => {
    setError(undefined);
    try {
      await registry.cancelMeasurement({ model, version, measurement: id });
      onCancelled();
    } catch (refusal) {
      setError(toError(refusal));
    }
  };
  return (
    <tr>
      <td>
        {name}
        <div>
          {`${target}, `}
          <RelativeTime at={measurement.createdAt} />
        </div>
      </td>
      <td>
        <StatusPill tone={tone}>{label}</StatusPill>
        {error && <ErrorNotice title="It goes on" error={error} />}
      </td>
      <td>
        {state.phase === 'done' && (
          <>
            {`${state.primary.name} ${formatMetric(state.primary.value)}`}
            <div>{intervalText(state.primary.interval)}</div>
          </>
        )}
      </td>
      <td>
        {isUnderWay(measurement) && (
          <Button
            variant="tertiary"
            aria-label={`Cancel the measurement on ${name}`}
            onPress={cancel}
          >
            Cancel
          </Button>
        )}
        {!isShown && (
          <Button
            variant="tertiary"
            aria-label={`Show the measurement on ${name}`}
            onPress={onShow}
          >
            Show
          </Button>
        )}
      </td>
    </tr>
  );
}

function isUnderWay({ state }: Pick<MeasurementSummary, 'state'>): boolean {
  return state.phase === 'queued' || state.phase === 'running';
}
