import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Alert, ButtonLink } from '@backstage/ui';
import { PersonName, RelativeTime, useEnvironments } from '@greenroom/ai-react';
import type {
  EnvironmentDefinition,
  PromotionDetail,
  PromotionOutcome,
} from '@greenroom/plugin-ai-registry-common';
import type { ReactNode } from 'react';
import { deploymentsRouteRef } from '../routes';
import { waitingGates, waitsForTimeOnly } from './approvals';
import { asSentence } from './asSentence';
import { PromotionReason } from './PromotionReason';
import { SinceThen } from './SinceThen';

interface Verdict {
  status: 'info' | 'success' | 'warning' | 'danger';
  title: string;
  description: ReactNode;
}

/** Where a promotion stands and what happens next, in two sentences. */
export function PromotionVerdict(props: { promotion: PromotionDetail }) {
  const { promotion } = props;
  const deploymentsLink = useRouteRef(deploymentsRouteRef);
  const { status, title, description } = verdictOf(
    promotion,
    useEnvironments().find(promotion.environment),
  );
  return (
    <Alert
      status={status}
      icon
      title={title}
      description={description}
      customActions={
        promotion.state.phase === 'rolling-out' &&
        deploymentsLink && (
          <ButtonLink size="small" variant="secondary" href={deploymentsLink()}>
            Watch the rollout
          </ButtonLink>
        )
      }
    />
  );
}

function verdictOf(
  promotion: PromotionDetail,
  definition: EnvironmentDefinition | undefined,
): Verdict {
  const { state, environment, model, version } = promotion;
  switch (state.phase) {
    case 'checking':
      return {
        status: 'info',
        title: promotion.gates.some(gate =>
          ['pending', 'running'].includes(gate.status),
        )
          ? 'The gates are running'
          : 'The gates have run: their result is being recorded',
        description:
          'The change request is being made and checked. This page follows by itself.',
      };
    case 'blocked': {
      // The title of a gate says what holds when it passes: its summary says what was found.
      const failed = promotion.gates.filter(gate =>
        state.failedGates.includes(gate.id),
      );
      return {
        status: 'danger',
        title: `Blocked by the gate${failed.length === 1 ? '' : 's'} ${failed
          .map(gate => `“${gate.title}”`)
          .join(', ')}`,
        description: `${failed
          .map(gate => asSentence(gate.summary))
          .join(
            ' ',
          )} Register a better version and promote that one, or run the gates again when the cause is gone.`,
      };
    }
    case 'awaiting-review': {
      const isUndecided = promotion.gates.some(
        gate => gate.status === 'undecided',
      );
      const waiting = waitingGates(promotion);
      const isApproved =
        definition !== undefined && waitsForTimeOnly(promotion, definition);
      if (waiting.length > 0 && (isApproved || !isUndecided)) {
        return {
          status: 'info',
          title: isApproved
            ? 'Nothing is left to do: it waits until its time has come'
            : 'It waits until its time has come, and can be reviewed meanwhile',
          description: `${waiting
            .map(gate => asSentence(gate.summary))
            .join(' ')} ${
            isApproved
              ? 'It is merged by itself then.'
              : 'Once it is approved too, it is merged by itself.'
          }`,
        };
      }
      return {
        // Only what needs care is orange; a review is the usual way.
        status: isUndecided ? 'warning' : 'info',
        title: isUndecided
          ? 'A gate could not tell: a second person decides, and says why'
          : 'All gates passed: a second person decides',
        description: `Approving merges the change, moves ${environment} to version ${version} of ${model} and starts the rollout.`,
      };
    }
    case 'merging':
      return {
        status: 'info',
        title: state.approvedBy ? 'Approved: merging' : 'Merging',
        description: 'The change goes into the environments repository.',
      };
    case 'rolling-out':
      return {
        status: 'info',
        title: `Merged: ${environment} is on its way to version ${version}`,
        description: (
          <>
            {asSentence(state.waitingFor ?? 'The rollout begins')}{' '}
            {mergedIn(state)}
          </>
        ),
      };
    case 'completed':
      return {
        ...outcomeOf(promotion, state.outcome),
        description: (
          <>
            <PromotionReason reason={state.outcome.note} /> {mergedIn(state)}{' '}
            <SinceThen promotion={promotion} />
          </>
        ),
      };
    case 'closed':
      return {
        status: 'info',
        title: 'Closed without merging',
        description: (
          <>
            By <PersonName entityRef={state.closedBy} />,{' '}
            <RelativeTime at={state.closedAt} />:{' '}
            <PromotionReason reason={state.reason} />
          </>
        ),
      };
    case 'failed':
      return {
        status: 'danger',
        title: `Step "${stepTitle(promotion, state.step)}" failed`,
        description: state.error,
      };
    default:
      throw new Error(`Unknown phase of a promotion: ${state satisfies never}`);
  }
}

function outcomeOf(
  { environment, version }: PromotionDetail,
  { kind }: PromotionOutcome,
): Pick<Verdict, 'status' | 'title'> {
  switch (kind) {
    case 'serving':
      return {
        status: 'success',
        title: `Rolled out: version ${version} got all traffic of ${environment}`,
      };
    case 'not-served':
      return {
        status: 'warning',
        title: `Merged, but no data plane serves ${environment}`,
      };
    case 'rejected':
      return {
        status: 'danger',
        title: `Version ${version} was taken back from ${environment}`,
      };
    case 'superseded':
      return { status: 'info', title: 'Superseded by a later change' };
    default:
      return { status: 'info', title: 'Merged' };
  }
}

function mergedIn({ mergedAt, commit }: { mergedAt: string; commit: string }) {
  return (
    <>
      Merged <RelativeTime at={mergedAt} /> in commit{' '}
      <code>{commit.slice(0, 10)}</code>.
    </>
  );
}

function stepTitle(promotion: PromotionDetail, name: string): string {
  return promotion.steps.find(step => step.name === name)?.title ?? name;
}
