import { createExtensionPoint } from '@backstage/backend-plugin-api';
import type {
  ModelVersion,
  Promotion,
} from '@greenroom/plugin-ai-registry-common';

/** A gate of a company's own. It may be asked again at any time, also of the same promotion. */
export interface OwnGate {
  /** 2 to 40 lower-case letters, digits and dashes; `own:` stands before it wherever it is named. */
  id: string;
  /** What holds when it passes, such as "Scanned for known faults". */
  title: string;
  check(request: OwnGateRequest): Promise<OwnGateAnswer>;
}

/** What a gate is asked about. */
export interface OwnGateRequest {
  /** `after-rollout`: the version serves, and it is asked whether it may go on to the next environment. */
  moment: 'before-merge' | 'after-rollout';
  promotion: Pick<
    Promotion,
    | 'changeRequest'
    | 'environment'
    | 'fromVersion'
    | 'id'
    | 'kind'
    | 'model'
    | 'reason'
    | 'requestedBy'
    | 'version'
  >;
  /** Revision of the branch that is looked at. */
  head?: string;
  /** What is to run. */
  candidate: Pick<ModelVersion, 'digest' | 'format' | 'tags' | 'version'>;
  /** What runs; undefined where nothing does. */
  running?: Pick<ModelVersion, 'digest' | 'format' | 'tags' | 'version'>;
  signal: AbortSignal;
}

/** What it found. */
export interface OwnGateAnswer {
  /** `undecided`: a reviewer decides, with a reason. `pending`: ask again soon. */
  status: 'passed' | 'failed' | 'undecided' | 'pending';
  /** A sentence for people, at most 1,000 characters; of a failure, also what to do. */
  summary: string;
  /** Markdown, at most 20,000 characters. */
  evidence?: string;
}

/** Adds gates to those that promotions are held against. */
export interface PromotionGatesExtensionPoint {
  addGate(gate: OwnGate): void;
}

export const promotionGatesExtensionPoint =
  createExtensionPoint<PromotionGatesExtensionPoint>({
    id: 'ai-registry.promotion-gates',
  });
