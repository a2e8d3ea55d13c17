import { ResponseError, toError } from '@backstage/errors';
import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  Button,
  Checkbox,
  Flex,
  Link,
  Tooltip,
  TooltipTrigger,
} from '@backstage/ui';
import {
  ErrorNotice,
  Loaded,
  Panel,
  PersonName,
  RelativeTime,
  StatusPill,
  type StatusTone,
  useLive,
} from '@greenroom/ai-react';
import {
  aiModelUpdatePermission,
  type ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';
import {
  type Conversion,
  convertibleFlavorOf,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-training-common';
import { RiExchangeLine } from '@remixicon/react';
import { useState } from 'react';
import { trainingApiRef } from '../api/TrainingApi';
import { jobRouteRef, versionRouteRef } from '../routes';

const PHASES: Record<
  Conversion['state']['phase'],
  { tone: StatusTone; label: string }
> = {
  converting: { tone: 'progress', label: 'Converting' },
  converted: { tone: 'good', label: 'Converted' },
  failed: { tone: 'bad', label: 'Not converted' },
  cancelled: { tone: 'neutral', label: 'Cancelled' },
};

const OPEN_POLL_MILLIS = 3_000;
const DONE_POLL_MILLIS = 60_000;

/** Has a version that MLflow has logged become one in ONNX; nothing where training is not installed. */
export function ConvertPanel(props: {
  version: Pick<ModelVersionDetail, 'model' | 'version' | 'format' | 'mlflow'>;
}) {
  const { model, version } = props.version;
  const training = useApi(trainingApiRef);
  const live = useLive(
    async signal => {
      try {
        const conversion = await training.findConversion(
          { model, version },
          { signal },
        );
        return { conversion };
      } catch (error) {
        if (error instanceof ResponseError && error.statusCode === 404) {
          return 'not installed' as const;
        }
        throw error;
      }
    },
    [model, version],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.type === 'job-changed',
      pollMillis: value =>
        isUnderWay(value) ? OPEN_POLL_MILLIS : DONE_POLL_MILLIS,
      keepPrevious: true,
    },
  );
  if (live.value === 'not installed') return null;
  return (
    <Panel
      title="ONNX"
      description={`Of its flavor ${convertibleFlavorOf(
        props.version,
      )} a new version in ONNX can be made, which is served. A training job of its owner does that, and registers nothing unless both predict the same on its input example.`}
    >
      <Loaded live={live} what="the conversion" skeleton={[64]}>
        {value =>
          value === 'not installed' ? null : (
            <ConversionView
              version={props.version}
              conversion={value.conversion}
              onStarted={live.refresh}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}

type Found = { conversion: Conversion | undefined } | 'not installed';

function isUnderWay(found: Found | undefined): boolean {
  return (
    typeof found === 'object' && found.conversion?.state.phase === 'converting'
  );
}

function ConversionView(props: {
  version: Pick<ModelVersionDetail, 'model' | 'version'>;
  conversion: Conversion | undefined;
  onStarted(): void;
}) {
  const { conversion, onStarted } = props;
  const state = conversion?.state;
  const isDone =
    state?.phase === 'converting' ||
    (state?.phase === 'converted' && state.made !== undefined);
  return (
    <Flex direction="column" gap="3" align="start">
      {conversion && <LastConversion conversion={conversion} />}
      {!isDone && (
        <ConvertForm
          version={props.version}
          isAgain={conversion !== undefined}
          onStarted={onStarted}
        />
      )}
    </Flex>
  );
}

function LastConversion({ conversion }: { conversion: Conversion }) {
  const toJob = useRouteRef(jobRouteRef);
  const toVersion = useRouteRef(versionRouteRef);
  const { model, job, requestedBy, requestedAt, state } = conversion;
  const { tone, label } = PHASES[state.phase];
  return (
    <>
      <StatusPill tone={tone}>{label}</StatusPill>
      {state.phase === 'converted' && state.made !== undefined && (
        <Link
          href={
            toVersion?.({ name: model, version: String(state.made) }) ?? '#'
          }
        >
          Version {state.made} in ONNX
        </Link>
      )}
      {state.phase === 'converted' && state.made === undefined && (
        <div>The version that it made was deleted.</div>
      )}
      {state.phase === 'failed' && <div>{state.reason}</div>}
      <div>
        <Link href={toJob?.({ id: job }) ?? '#'}>Its job</Link>, asked for by{' '}
        <PersonName entityRef={requestedBy} /> <RelativeTime at={requestedAt} />
      </div>
    </>
  );
}

function ConvertForm(props: {
  version: Pick<ModelVersionDetail, 'model' | 'version'>;
  isAgain: boolean;
  onStarted(): void;
}) {
  const { isAgain, onStarted } = props;
  const { model, version } = props.version;
  const training = useApi(trainingApiRef);
  const [allowOtherVersions, setAllow] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const allowed = usePermission({
    permission: aiModelUpdatePermission,
    resourceRef: model,
  });
  const refused = !allowed.loading && !allowed.allowed;

  const start = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await training.convertVersion({ model, version, allowOtherVersions });
      onStarted();
    } catch (refusal) {
      setError(toError(refusal));
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      {!refused && (
        <Checkbox isSelected={allowOtherVersions} onChange={setAllow}>
          Also where the converter has another version of its library, which may
          read another model
        </Checkbox>
      )}
      <TooltipTrigger isDisabled={!refused}>
        {/* Not disabled when refused: a disabled button cannot be focused to read the reason. */}
        <Button
          variant="secondary"
          iconStart={<RiExchangeLine />}
          isPending={busy}
          aria-disabled={refused || undefined}
          onPress={() => {
            if (!refused) start();
          }}
        >
          {isAgain ? 'Convert again' : 'Convert to ONNX'}
        </Button>
        <Tooltip>
          Only the owner of the model and platform administrators may have its
          versions converted: what its author put into it is run.
        </Tooltip>
      </TooltipTrigger>
      {error && (
        <ErrorNotice title="The conversion was not started" error={error} />
      )}
    </>
  );
}
