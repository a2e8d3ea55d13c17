import type { Environment } from '@greenroom/plugin-ai-registry-common';

/** Knows what data planes found out about the connections of environments. */
export interface ConnectionStates {
  /** Undefined when no data plane has told of it yet. */
  find(
    environment: Environment,
    name: string,
  ): Promise<ConnectionState | undefined>;
}

/** How the last check of a connection ended; `checkedAt` is ISO 8601. */
export type ConnectionState =
  | {
      state: 'answers';
      checkedAt: string;
      /** Those of several upstreams that do not, and why, without a full stop; undefined where all do. */
      silent?: string;
      /** What each service behind it that answers said that it offers: itself, or its upstreams. */
      offers: Offer[];
    }
  | {
      state: 'fails';
      checkedAt: string;
      /** Why, without a full stop. */
      error: string;
    };

/** The models that one service offers. */
export interface Offer {
  /** Name of the connection, or of one of its upstreams, such as `llm/1`. */
  name: string;
  /** Kind of the provider. */
  kind: string;
  /** As the provider names them. */
  models: string[];
  /** Whether these are all of them: a long list is told in part. */
  isComplete: boolean;
}
