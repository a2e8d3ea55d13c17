import { InputError } from '@backstage/errors';
import type { ModelVersionDetail } from '@greenroom/plugin-ai-registry-common';
import type {
  OwnGate,
  OwnGateAnswer,
  OwnGateRequest,
} from '@greenroom/plugin-ai-registry-node';
import type { StepContext } from '../../steps/PromotionStep';
import type { GateFinding, PromotionGate } from '../PromotionGate';

const ID_PATTERN = /^[a-z][a-z0-9-]{0,38}[a-z0-9]$/;
const MOST_SUMMARY = 1_000;
const MOST_EVIDENCE = 20_000;
/** What takes longer says that it is pending, and is asked again: whoever hangs would keep all promotions waiting. */
const LONGEST_MILLIS = 10 * 60_000;

/**
 * A gate of a company's own as one of the others.
 *
 * @throws InputError for a name that it cannot have
 */
export function ownGate(
  own: OwnGate,
  { longestMillis = LONGEST_MILLIS }: { longestMillis?: number } = {},
): PromotionGate {
  const { id, title } = own;
  const ask = async (
    context: StepContext,
    moment: OwnGateRequest['moment'],
  ): Promise<GateFinding> => {
    const request = await requestOf(context, moment);
    return toFinding(await answerOf(own, request, longestMillis));
  };
  if (!ID_PATTERN.test(id)) {
    throw new InputError(
      `The id of an own gate is '${id}': expected 2 to 40 lower-case letters, digits and dashes that begin with a letter`,
    );
  }
  return {
    id: `own:${id}`,
    title,
    step: { name: `check-own-${id}`, title: `Ask: ${title}` },
    when: 'once',
    defaultMode: 'required',
    // What ran before was asked before; the way back waits for nobody else's service.
    ofRollback: 'off',
    configure: () => ({
      check: context => ask(context, 'before-merge'),
    }),
    verify: context => ask(context, 'after-rollout'),
  };
}

/** Of one that does not answer in time, that it has not passed. */
async function answerOf(
  own: OwnGate,
  request: OwnGateRequest,
  longestMillis: number,
): Promise<OwnGateAnswer> {
  const timeout = AbortSignal.timeout(longestMillis);
  const signal = AbortSignal.any([request.signal, timeout]);
  request.signal.throwIfAborted();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  try {
    return await Promise.race([own.check({ ...request, signal }), aborted]);
  } catch (error) {
    if (request.signal.aborted || !timeout.aborted) throw error;
    return {
      status: 'failed',
      summary: `The gate '${own.id}' did not answer within ${
        longestMillis / 1_000
      } s: have it say that it is pending where it takes longer, then run the gates again.`,
    };
  }
}

async function requestOf(
  context: StepContext,
  moment: OwnGateRequest['moment'],
): Promise<OwnGateRequest> {
  const { promotion } = context;
  const running = await context.running();
  const shown = ({ version, digest, format, tags }: ModelVersionDetail) => ({
    version,
    digest,
    format,
    tags,
  });
  return {
    moment,
    promotion: {
      id: promotion.id,
      kind: promotion.kind,
      model: promotion.model,
      version: promotion.version,
      fromVersion: promotion.fromVersion,
      environment: promotion.environment,
      reason: promotion.reason,
      requestedBy: promotion.requestedBy,
      changeRequest: promotion.changeRequest,
    },
    head: promotion.checkedHead,
    candidate: shown(await context.candidate()),
    ...(running && {
      running: shown(await context.version(running.version)),
    }),
    signal: context.signal,
  };
}

function toFinding(answer: OwnGateAnswer): GateFinding {
  const summary = answer.summary.slice(0, MOST_SUMMARY);
  if (answer.status === 'pending') {
    return { status: 'under-way', waitingFor: summary };
  }
  return {
    status: answer.status,
    summary,
    ...(answer.evidence !== undefined && {
      evidence: {
        kind: 'markdown',
        text: answer.evidence.slice(0, MOST_EVIDENCE),
      },
    }),
  };
}
