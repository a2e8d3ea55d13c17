import { identityApiRef, useApi } from '@backstage/frontend-plugin-api';
import { toError } from '@backstage/errors';
import { Button, Flex, Text, TextAreaField } from '@backstage/ui';
import {
  ErrorNotice,
  fieldError,
  Panel,
  PersonName,
} from '@greenroom/ai-react';
import type { PromotionDetail } from '@greenroom/plugin-ai-registry-common';
import { RiCheckLine, RiCloseLine, RiRestartLine } from '@remixicon/react';
import { Fragment, useState } from 'react';
import useAsync from 'react-use/esm/useAsync';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { HostSays } from './HostSays';
import { ReviewList } from './ReviewList';
import styles from './ReviewPanel.module.css';
import { isOpen } from './rolloutPlan';

export interface ReviewPanelProps {
  promotion: PromotionDetail;
  /** Called after the registry took an answer. */
  onChanged(): void;
}

type Action = 'approve' | 'close' | 'retry';

/** What was said about a promotion, and the reader's own say. */
export function ReviewPanel({ promotion, onChanged }: ReviewPanelProps) {
  const registry = useApi(aiRegistryApiRef);
  const identity = useApi(identityApiRef);
  const me = useAsync(() => identity.getBackstageIdentity(), [identity]);
  const [comment, setComment] = useState('');
  const [commentError, setCommentError] = useState<string>();
  const [busy, setBusy] = useState<Action>();
  const [error, setError] = useState<Error>();
  const { phase } = promotion.state;
  const mine = me.value?.userEntityRef === promotion.requestedBy;
  const undecided = promotion.gates.filter(gate => gate.status === 'undecided');
  // What the Git host does not merge yet may be given up.
  const isHeld = promotion.steps.some(
    ({ name, waitingFor }) =>
      name === 'merge-change-request' && waitingFor !== undefined,
  );
  const isUnverified =
    promotion.state.phase === 'completed' &&
    promotion.state.outcome.verification?.status === 'failed';
  const closable = isOpen(promotion) && (phase !== 'merging' || isHeld);

  const send = async (action: Action) => {
    if (action === 'close' && !comment.trim()) {
      setCommentError(
        mine
          ? 'Say why you withdraw it.'
          : 'Say why, so that the author knows what to change.',
      );
      return;
    }
    if (action === 'approve' && undecided.length > 0 && !comment.trim()) {
      setCommentError(
        `Say why ${undecided
          .map(({ title }) => `"${title}"`)
          .join(' and ')} may pass without proof: it stays in the history.`,
      );
      return;
    }
    setBusy(action);
    setError(undefined);
    try {
      if (action === 'approve') {
        await registry.approvePromotion(promotion.id, {
          ...(comment.trim() && { comment: comment.trim() }),
          ...(undecided.length > 0 && {
            accepts: undecided.map(({ id }) => id),
          }),
        });
      } else if (action === 'close') {
        await registry.closePromotion(promotion.id, { reason: comment.trim() });
      } else {
        await registry.retryPromotion(promotion.id);
      }
      setComment('');
    } catch (refusal) {
      setError(toError(refusal));
    } finally {
      setBusy(undefined);
      onChanged();
    }
  };

  return (
    <Panel title="Review">
      <ReviewList reviews={promotion.reviews} isOpen={isOpen(promotion)} />
      <HostSays promotion={promotion} />
      {isOpen(promotion) && <Approvers groups={promotion.approverGroups} />}
      {phase === 'awaiting-review' && !promotion.review.allowed && (
        <Text as="p" id="review-refusal" className={styles.reason}>
          {promotion.review.reason}
        </Text>
      )}
      {closable && (
        <TextAreaField
          label="Comment"
          rows={2}
          value={comment}
          onChange={value => {
            setComment(value);
            setCommentError(undefined);
          }}
          {...fieldError(commentError)}
        />
      )}
      <Flex gap="2" className={styles.actions}>
        {phase === 'awaiting-review' && (
          <Button
            variant="primary"
            iconStart={<RiCheckLine />}
            isPending={busy === 'approve'}
            isDisabled={!promotion.review.allowed}
            aria-describedby="review-refusal"
            onPress={() => send('approve')}
          >
            {undecided.length > 0 ? 'Approve without proof' : 'Approve'}
          </Button>
        )}
        {closable && (
          <Button
            variant="secondary"
            destructive={!mine}
            iconStart={<RiCloseLine />}
            isPending={busy === 'close'}
            onPress={() => send('close')}
          >
            {mine ? 'Withdraw' : 'Reject'}
          </Button>
        )}
        {(phase === 'blocked' || phase === 'failed' || isUnverified) && (
          <Button
            variant="secondary"
            iconStart={<RiRestartLine />}
            isPending={busy === 'retry'}
            onPress={() => send('retry')}
          >
            {phase === 'blocked' ? 'Run gates again' : 'Try again'}
          </Button>
        )}
      </Flex>
      {error && (
        <ErrorNotice title="The registry did not accept that" error={error} />
      )}
    </Panel>
  );
}

/** Whose approvals count, where not everybody's do. */
function Approvers({ groups }: { groups: string[] | undefined }) {
  if (groups === undefined) return null;
  return (
    <Text as="p" className={styles.reason}>
      Approvals of{' '}
      {groups.map((group, index) => (
        <Fragment key={group}>
          {index > 0 && ' and '}
          <PersonName entityRef={group} />
        </Fragment>
      ))}{' '}
      count.
    </Text>
  );
}
