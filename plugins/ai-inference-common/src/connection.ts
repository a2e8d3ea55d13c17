import type { Environment } from '@greenroom/plugin-ai-registry-common';

/** Most models that a data plane tells of one connection, and the longest name it tells. */
export const MAX_TOLD_MODELS = 500;
export const MAX_TOLD_MODEL_LENGTH = 200;

/** Whether a provider answers through a connection, found out by asking for its models. */
export type ConnectionCheck = {
  /** Name of the connection. */
  name: string;
  /** ISO 8601. */
  checkedAt: string;
  /** The times that a check was asked for by then; see {@link RoutesDocument}. */
  checkAttempt: number;
} & (
  | {
      state: 'answers';
      /** As the provider names them; the first {@link MAX_TOLD_MODELS}. */
      models: string[];
    }
  | {
      state: 'fails';
      /** Why, in words without secrets. */
      error: string;
    }
);

/** A connection of an environment, as people see it. */
export interface EnvironmentConnection {
  environment: Environment;
  name: string;
  /** Kind of the provider, such as `openai`. */
  kind: string;
  /** Where its secrets lie on the data plane, such as `file:openai`; never what they are. */
  secrets: string[];
  check:
    | { state: 'unchecked' }
    | { state: 'answers'; checkedAt: string; models: string[] }
    | { state: 'fails'; checkedAt: string; error: string };
  /** Since when a check is asked for that no data plane has told of; ISO 8601. */
  checkAskedAt?: string;
  /** Deployed versions that name it. */
  usedBy: {
    model: string;
    version: number;
    /** As the provider calls the model. */
    upstreamModel: string;
  }[];
}
