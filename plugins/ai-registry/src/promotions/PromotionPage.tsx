import {
  BreadcrumbEntry,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { Alert, Container, Header, Link } from '@backstage/ui';
import {
  EmptyState,
  Loaded,
  Panel,
  PersonName,
  RelativeTime,
  RouteLink,
  useLive,
  useModelTitle,
} from '@greenroom/ai-react';
import {
  type ChangeRequestRef,
  SIGNAL_CHANNEL,
  type PromotionDetail,
} from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { useParams } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { compareRouteRef, modelRouteRef, versionRouteRef } from '../routes';
import { CommentsPanel } from './CommentsPanel';
import { DeploymentsPanel } from './DeploymentsPanel';
import { GateCard } from './GateCard';
import { ManifestDiff } from './ManifestDiff';
import { OverridePanel } from './OverridePanel';
import { PlanPanel } from './PlanPanel';
import styles from './PromotionPage.module.css';
import { PromotionPill } from './PromotionPill';
import { promotionTitle } from './PromotionsTable';
import { PromotionVerdict } from './PromotionVerdict';
import { PromptChange } from './PromptChange';
import { ReviewPanel } from './ReviewPanel';
import { isUnderWay } from './rolloutPlan';
import { StepLogPanel } from './StepLogPanel';

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
  const compareLink = useRouteRef(compareRouteRef);
  const { model, version, fromVersion, changeRequest } = promotion;
  // Without a Git host's own page, this one is the change request's.
  const hostPage = changeRequest?.url.startsWith('/')
    ? undefined
    : changeRequest;
  return (
    <div className={styles.page}>
      <div className={styles.wide} role="status" aria-live="polite">
        <PromotionVerdict promotion={promotion} />
        {promotion.hostTrouble && (
          <Alert
            status="warning"
            icon
            title="The Git host does not answer"
            description={`${promotion.hostTrouble}. What was said and changed there is shown again, and reviews are taken, when it does.`}
          />
        )}
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
        <PlanPanel promotion={promotion} />
        <PromptChange promotion={promotion} />
        <Panel
          title="Change"
          description={
            promotion.changeRequest &&
            `Change request ${promotion.changeRequest.number}, branch ${promotion.changeRequest.branch}`
          }
        >
          {promotion.hostTrouble ? (
            <EmptyState
              title="The change cannot be shown now"
              description="It is on the Git host, which does not answer."
            />
          ) : (
            <ManifestDiff diff={promotion.diff} />
          )}
        </Panel>
        <CommentsPanel comments={promotion.comments} />
      </div>
      <div className={styles.side}>
        <ReviewPanel promotion={promotion} onChanged={onChanged} />
        <OverridePanel promotion={promotion} onChanged={onChanged} />
        <StepLogPanel steps={promotion.steps} />
        <DeploymentsPanel deployments={promotion.deployments} />
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
            {hostPage && (
              <Link href={hostPage.url}>{changeRequestTitle(hostPage)}</Link>
            )}
          </div>
        </Panel>
      </div>
    </div>
  );
}

function changeRequestTitle({ number, url }: ChangeRequestRef): string {
  return `Change request ${number} on ${new URL(url).host}`;
}

function metadataOf(promotion: PromotionDetail) {
  return [
    { label: 'State', value: <PromotionPill promotion={promotion} /> },
    { label: 'Environment', value: promotion.environment },
    {
      label: 'Asked for by',
      value: promotion.automation ? (
        `Nobody: it came by itself${
          promotion.automation === 'merge'
            ? ', and is merged by itself when all gates pass'
            : ''
        }`
      ) : (
        <PersonName entityRef={promotion.requestedBy} />
      ),
    },
    { label: 'Opened', value: <RelativeTime at={promotion.createdAt} /> },
  ];
}
