import type { Environment } from '@greenroom/plugin-ai-registry-common';

/** Most models that a data plane tells of one connection, and the longest name it tells. */
export const MAX_TOLD_MODELS = 500;
export const MAX_TOLD_MODEL_LENGTH = 200;

/** Whether a provider answers through a connection, found out by asking for its models. */
export type ConnectionCheck = {
  /** Name of the connection, or of one of its upstreams, such as `llm/1`. */
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

/** What the last check said, if there was one. */
export type ConnectionCheckState =
  | { state: 'unchecked' }
  | { state: 'answers'; checkedAt: string; models: string[] }
  | { state: 'fails'; checkedAt: string; error: string };

/** A connection of an environment, as people see it. */
export interface EnvironmentConnection {
  environment: Environment;
  name: string;
  /** Kind of the provider, such as `openai`; `balanced` where several upstreams share the calls. */
  kind: string;
  /** Where its secrets lie on the data plane, such as `file:openai`; never what they are. */
  secrets: string[];
  /** With upstreams: it answers while one of them does. */
  check: ConnectionCheckState;
  /** Since when a check is asked for that no data plane has told of; ISO 8601. */
  checkAskedAt?: string;
  /** Those that share the calls; left out where it is one service itself. */
  upstreams?: {
    /** Such as `llm/1`. */
    name: string;
    kind: string;
    /** Its share of the calls, compared with the others'. */
    weight: number;
    secrets: string[];
    check: ConnectionCheckState;
    checkAskedAt?: string;
  }[];
  /** Deployed versions that name it. */
  usedBy: {
    model: string;
    version: number;
    /** As the provider calls the model. */
    upstreamModel: string;
  }[];
}
