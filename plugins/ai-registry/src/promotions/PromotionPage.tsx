import {
  BreadcrumbEntry,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { Container, Header, Link } from '@backstage/ui';
import {
  Loaded,
  Panel,
  PersonName,
  RelativeTime,
  RouteLink,
  StepList,
  useLive,
  useModelTitle,
} from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  type PromotionDetail,
} from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { useParams } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import {
  compareRouteRef,
  modelRouteRef,
  promotionRouteRef,
  versionRouteRef,
} from '../routes';
import { GateCard } from './GateCard';
import { ManifestDiff } from './ManifestDiff';
import styles from './PromotionPage.module.css';
import { PromotionPill } from './PromotionPill';
import { promotionTitle } from './PromotionsTable';
import { PromotionVerdict } from './PromotionVerdict';
import { PromptChange } from './PromptChange';
import { ReviewPanel } from './ReviewPanel';
import { isUnderWay } from './rolloutPlan';

/** Polling beside the signals: often while something can still happen by itself. */
const OPEN_POLL_MILLIS = 2_000;
const DONE_POLL_MILLIS = 60_000;

/** One promotion: what it changes, what the gates found, who said what. */
export function PromotionPage() {
  const { id = '' } = useParams();
  return <KeyedPromotion key={id} id={id} />;
}

function KeyedPromotion({ id }: { id: string }) {
  const registry = useApi(aiRegistryApiRef);
  const [done, setDone] = useState(false);
  const promotion = useLive(
    async signal => {
      const value = await registry.getPromotion(id, { signal });
      setDone(!isUnderWay(value));
      return value;
    },
    [id],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.promotionId === id,
      pollMillis: done ? DONE_POLL_MILLIS : OPEN_POLL_MILLIS,
      keepPrevious: true,
    },
  );
  return (
    <BreadcrumbEntry
      entry={{
        label: promotion.value ? promotionTitle(promotion.value) : 'Promotion',
        href: id,
      }}
    >
      {promotion.value ? (
        <PromotionHeader promotion={promotion.value} />
      ) : (
        <Header title="Promotion" />
      )}
      <Container>
        <Loaded live={promotion} what="the promotion" skeleton={[64, 240, 240]}>
          {value => (
            <PromotionView promotion={value} onChanged={promotion.refresh} />
          )}
        </Loaded>
      </Container>
    </BreadcrumbEntry>
  );
}

function PromotionHeader({ promotion }: { promotion: PromotionDetail }) {
  const modelLink = useRouteRef(modelRouteRef);
  const title = useModelTitle(promotion.model);
  return (
    <Header
      title={promotionTitle(promotion, title)}
      description={promotion.reason}
      metadata={[
        {
          label: 'Model',
          value: (
            <RouteLink to={modelLink?.({ name: promotion.model })}>
              <code>{promotion.model}</code>
            </RouteLink>
          ),
        },
        ...metadataOf(promotion),
      ]}
    />
  );
}

function PromotionView(props: {
  promotion: PromotionDetail;
  onChanged(): void;
}) {
  const { promotion, onChanged } = props;
  const versionLink = useRouteRef(versionRouteRef);
  const promotionLink = useRouteRef(promotionRouteRef);
  const compareLink = useRouteRef(compareRouteRef);
  const { model, version, fromVersion } = promotion;
  return (
    <div className={styles.page}>
      <div className={styles.wide} role="status" aria-live="polite">
        <PromotionVerdict promotion={promotion} />
      </div>
      <div className={styles.main}>
        <Panel
          title="Gates"
          description="Checks that the promotion must pass, and what they found."
        >
          <ul className={styles.gates}>
            {promotion.gates.map(gate => (
              <li key={gate.id}>
                <GateCard gate={gate} model={model} />
              </li>
            ))}
          </ul>
        </Panel>
        <PromptChange promotion={promotion} />
        <Panel
          title="Change"
          description={
            promotion.changeRequest &&
            `Change request ${promotion.changeRequest.number}, branch ${promotion.changeRequest.branch}`
          }
        >
          <ManifestDiff diff={promotion.diff} />
        </Panel>
      </div>
      <div className={styles.side}>
        <ReviewPanel promotion={promotion} onChanged={onChanged} />
        <Panel title="Progress">
          <StepList
            label="Steps of the promotion"
            steps={promotion.steps.map(step => ({
              title: step.title,
              status: step.status,
              detail: stepDetail(step),
            }))}
          />
        </Panel>
        <Panel title="More about it">
          <div className={styles.links}>
            <Link
              href={
                versionLink?.({
                  name: promotion.model,
                  version: String(promotion.version),
                }) ?? '#'
              }
            >
              {`Version ${promotion.version}`}
            </Link>
            {compareLink && fromVersion !== undefined && (
              <Link
                href={`${compareLink({
                  name: model,
                })}?base=${fromVersion}&candidate=${version}`}
              >
                {`Compare with version ${fromVersion}`}
              </Link>
            )}
            {promotion.changeRequest && (
              <Link
                href={
                  // Without a Git host's own page it is this one, wherever the portal has it.
                  promotion.changeRequest.url.startsWith('/')
                    ? promotionLink?.({ id: promotion.id }) ?? '#'
                    : promotion.changeRequest.url
                }
              >
                {`Change request ${promotion.changeRequest.number}`}
              </Link>
            )}
          </div>
        </Panel>
      </div>
    </div>
  );
}

function metadataOf(promotion: PromotionDetail) {
  return [
    { label: 'State', value: <PromotionPill state={promotion.state} /> },
    { label: 'Environment', value: promotion.environment },
    {
      label: 'Asked for by',
      value: <PersonName entityRef={promotion.requestedBy} />,
    },
    { label: 'Opened', value: <RelativeTime at={promotion.createdAt} /> },
  ];
}

function stepDetail(step: PromotionDetail['steps'][number]) {
  if (step.status === 'skipped') return step.skippedBecause;
  // A review is looked at once more whenever somebody has said something.
  const isRetried = step.attempts > 1 && step.name !== 'await-review';
  const retried = isRetried ? `attempt ${step.attempts}` : undefined;
  if (step.error) return [retried, step.error].filter(Boolean).join(': ');
  if (step.waitingFor) return step.waitingFor;
  if (step.finishedAt) {
    return (
      <>
        {retried && `${retried}, `}
        <RelativeTime at={step.finishedAt} />
      </>
    );
  }
  return retried;
}
