import { toError } from '@backstage/errors';
import type { ConnectionState } from '../../environments/ConnectionStates';
import type { StepContext } from '../steps/PromotionStep';
import { findUnlisted } from './offeredModel';
import type { GateFinding, PromotionGate } from './PromotionGate';

/** An external version needs its connection, and its model there, where it goes; other versions have none. */
export const connection: PromotionGate = {
  id: 'connection',
  title: 'Connection is there and answers',
  step: { name: 'check-connection', title: 'Check the connection' },
  when: 'once',
  defaultMode: 'required',
  ofRollback: 'as-set',
  isOnDemand: true,
  configure: () => ({ check }),
};

async function check(context: StepContext): Promise<GateFinding> {
  const { external } = await context.candidate();
  if (!external) {
    return {
      status: 'not-asked',
      because: 'Not asked: data planes run the version themselves.',
    };
  }
  const { environment, kind } = context.promotion;
  const { connection: name, model } = external;
  const found = context.connection(name);
  if (!found) {
    return {
      status: 'failed',
      summary: `${environment} has no connection '${name}', which the version names: add it under greenroom.environments[].connections of ${environment} with its kind and settings, restart the portal's backend, then run the gates again.`,
      evidence: { kind: 'connection', name },
    };
  }
  const { kind: provider } = found;
  let state: ConnectionState | undefined;
  try {
    state = await context.connectionState(name);
  } catch (error) {
    return {
      status: 'undecided',
      summary: `${environment} maps '${name}' to ${provider}, but it cannot be told whether that answers: ${
        toError(error).message
      }`,
      evidence: { kind: 'connection', name, provider },
    };
  }
  return judge({
    environment,
    name,
    provider,
    model,
    state,
    isRollback: kind === 'rollback',
  });
}

function judge(options: {
  environment: string;
  name: string;
  provider: string;
  /** As the version names it. */
  model: string;
  state: ConnectionState | undefined;
  isRollback: boolean;
}): GateFinding {
  const { environment, name, provider, model, state, isRollback } = options;
  const where = `'${name}' of ${environment} (${provider})`;
  if (!state) {
    return {
      status: 'undecided',
      summary: `No data plane of ${environment} has told yet whether ${where} answers: check it on the page Connections, then run the gates again.`,
      evidence: { kind: 'connection', name, provider },
    };
  }
  const evidence = {
    kind: 'connection' as const,
    name,
    provider,
    state: state.state,
    checkedAt: state.checkedAt,
  };
  if (state.state === 'fails') {
    return {
      status: 'failed',
      summary: `${where} did not answer when it was last checked: ${state.error}. Mend that, check it on the page Connections, then run the gates again.`,
      evidence,
    };
  }
  const unlisted = findUnlisted(model, state.offers);
  // What ran here before was reviewed before: the way back waits for nobody.
  if (unlisted && !(isRollback && unlisted.status === 'undecided')) {
    const { status, why } = unlisted;
    return {
      status,
      summary:
        status === 'failed'
          ? `${where} has no model '${model}': ${why}. Register a version with the model's right name; or install the model there, check the connection on the page Connections, then run the gates again.`
          : `${where} answered, but the provider does not list the model '${model}': ${why}. Some providers serve more than they list: a reviewer decides.`,
      evidence,
    };
  }
  return {
    status: 'passed',
    summary: `${where} answered when it was last checked.${
      state.silent === undefined
        ? ''
        : ` Not all of its upstreams did: ${state.silent}.`
    }`,
    evidence,
  };
}
