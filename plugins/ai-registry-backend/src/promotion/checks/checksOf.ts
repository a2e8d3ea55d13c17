import type { Gate } from '@greenroom/plugin-ai-registry-common';
import { lineOfField, manifestPath } from '@greenroom/manifest';
import type {
  Check,
  CheckAnnotation,
  CheckState,
} from '../../environments/GitHost';
import {
  approvalsLeft,
  failedGates,
  heldBy,
  openQuestions,
  overridesOf,
  type PromotionRecord,
} from '../promotion';

/** The check that says whether all is well; a Git host may ask for it before it merges. */
export const WHOLE_CHECK = 'Greenroom';
const MOST_TITLE = 200;
const MOST_SUMMARY = 20_000;

const STATES: Record<Gate['status'], CheckState> = {
  pending: 'running',
  running: 'running',
  passed: 'passed',
  failed: 'failed',
  skipped: 'neutral',
  undecided: 'waiting',
  waiting: 'waiting',
  warned: 'neutral',
};

/** What of the manifest a gate is about, where that is not which version it names. */
const FIELDS: Partial<Record<Gate['id'], string[]>> = {
  'artifact-digest': ['spec', 'digest'],
  evaluation: ['spec', 'version'],
  freeze: ['spec', 'version'],
};

export interface CheckOptions {
  /** Of the revision that the gates looked at. */
  manifest: string | undefined;
  /** The promotion's page in the portal, with its host. */
  url: string | undefined;
  /** Groups of whose members approvals count. */
  approverGroups: string[] | undefined;
}

/** How a promotion stands, for the Git host: as a whole, and each gate. */
export function checksOf(
  promotion: PromotionRecord,
  options: CheckOptions,
): Check[] {
  return [
    wholeCheck(promotion, options),
    ...promotion.gates.map(gate => gateCheck(promotion, gate, options)),
  ];
}

/** How a promotion stands as a whole: what is missing, and who has a say in that. */
export function wholeCheck(
  promotion: PromotionRecord,
  options: Pick<CheckOptions, 'url' | 'approverGroups'>,
): Check {
  const missing = describeMissing(promotion, options.approverGroups);
  const { state, title } = standing(promotion, missing);
  return {
    name: WHOLE_CHECK,
    title: bounded(title, MOST_TITLE),
    state,
    summary: bounded(
      [
        promotion.reason,
        missing.length > 0
          ? `Missing:\n\n${missing.map(one => `- ${one}`).join('\n')}`
          : 'Nothing is missing.',
        ...(options.url ? [`[Promotion in the portal](${options.url})`] : []),
      ].join('\n\n'),
      MOST_SUMMARY,
    ),
    ...(options.url && { url: options.url }),
    annotations: [],
  };
}

function gateCheck(
  promotion: PromotionRecord,
  gate: Gate,
  { manifest, url }: CheckOptions,
): Check {
  const override = overridesOf(promotion).find(one => one.gate === gate.id);
  const state = override ? 'neutral' : STATES[gate.status];
  const summary = override
    ? `${gate.summary}\n\nOverridden by ${override.by}: ${override.reason}`
    : gate.summary;
  return {
    name: `${WHOLE_CHECK} / ${gate.id}`,
    title: bounded(`${gate.title}: ${gate.summary}`, MOST_TITLE),
    state,
    summary: bounded(
      [summary, describeEvidence(gate)].filter(Boolean).join('\n\n'),
      MOST_SUMMARY,
    ),
    ...(url && { url }),
    annotations: annotationsOf(promotion, gate, {
      manifest,
      isOverridden: override !== undefined,
    }),
  };
}

function describeEvidence({ evidence }: Gate): string | undefined {
  switch (evidence?.kind) {
    case 'facts':
      return evidence.facts
        .map(({ label, value }) => `- ${label}: ${value}`)
        .join('\n');
    case 'markdown':
      return evidence.text;
    case 'signature-compatible':
      return evidence.differences.map(one => `- ${one}`).join('\n');
    default:
      return undefined;
  }
}

function annotationsOf(
  promotion: PromotionRecord,
  gate: Gate,
  options: { manifest: string | undefined; isOverridden: boolean },
): CheckAnnotation[] {
  const { manifest, isOverridden } = options;
  const isBad = gate.status === 'failed' || gate.status === 'warned';
  if (!isBad || manifest === undefined) return [];
  const isFailure = gate.status === 'failed' && !isOverridden;
  return [
    {
      path: manifestPath(promotion),
      line: lineOfField(manifest, FIELDS[gate.id] ?? ['spec', 'version']),
      level: isFailure ? 'failure' : 'warning',
      message: `${gate.title}: ${gate.summary}`,
    },
  ];
}

function standing(
  promotion: PromotionRecord,
  missing: string[],
): { state: CheckState; title: string } {
  const { state } = promotion;
  switch (state.phase) {
    case 'checking':
      return { state: 'running', title: 'The gates are being checked' };
    case 'blocked':
      return {
        state: 'failed',
        title: `Does not pass: ${failedGates(promotion)
          .map(({ title }) => title)
          .join(', ')}`,
      };
    case 'awaiting-review':
      return { state: 'waiting', title: missing[0] ?? 'Waits for its merge' };
    case 'failed':
      return { state: 'failed', title: state.error };
    case 'closed':
      return { state: 'neutral', title: `Closed: ${state.reason}` };
    default:
      return { state: 'passed', title: 'All gates passed, and it is approved' };
  }
}

function describeMissing(
  promotion: PromotionRecord,
  approverGroups: string[] | undefined,
): string[] {
  const { gates, state } = promotion;
  const phases = ['checking', 'blocked', 'awaiting-review', 'failed'];
  if (!phases.includes(state.phase)) return [];
  const left = approvalsLeft(promotion);
  const by = approverGroups
    ? ` by members of ${approverGroups.join(', ')}`
    : '';
  return [
    ...failedGates(promotion).map(
      ({ title, summary }) => `${title}: ${summary}`,
    ),
    ...gates
      .filter(({ status }) => status === 'waiting')
      .filter(({ id }) => !overridesOf(promotion).some(one => one.gate === id))
      .map(({ summary }) => summary),
    ...openQuestions(promotion).map(
      ({ title }) =>
        `${title}: cannot tell. A reviewer decides in the portal, with a reason`,
    ),
    ...(left > 0
      ? [
          `${left} ${
            left === 1 ? 'approval' : 'approvals'
          }${by}, here or in the portal`,
        ]
      : []),
    ...heldBy(promotion).map(
      ({ by: person }) => `${person} asks for changes: settle that first`,
    ),
  ];
}

function bounded(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
