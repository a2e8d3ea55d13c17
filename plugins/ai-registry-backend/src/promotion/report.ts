import { describePlan, type Gate } from '@greenroom/plugin-ai-registry-common';
import {
  type ChangeFacts,
  describeChange,
  describeConsumers,
} from './describeChange';
import {
  overridesOf,
  planOfPromotion,
  type PromotionRecord,
} from './promotion';

const STATUS_WORDS: Record<Gate['status'], string> = {
  pending: 'not checked yet',
  running: 'being checked',
  passed: 'passed',
  failed: 'FAILED',
  skipped: 'skipped',
  undecided: 'cannot tell: the reviewer decides',
  waiting: 'waits',
  warned: 'warns, and holds up nothing',
};

/**
 * Description of the change request: what changes, the evidence, and the way back. Markdown.
 *
 * @param facts - what is known of the versions, and the unified diff of the change request once there is one
 */
export function describePromotion(
  promotion: PromotionRecord,
  facts: Partial<ChangeFacts> & { diff?: string } = {},
): string {
  const { candidate, running, consumers, versionUrl, diff = '' } = facts;
  const { kind, model, version, fromVersion, environment } = promotion;
  const before =
    fromVersion === undefined ? 'nothing' : `version ${fromVersion}`;
  const verb = kind === 'rollback' ? 'goes back to' : 'will run';
  const sections = [
    `**${environment}** ${verb} version ${version} of **${model}** instead of ${before}.`,
    quote(promotion.reason),
    promotion.automation
      ? 'Nobody asked for it: the settings have new versions come by themselves.'
      : `Asked for by ${promotion.requestedBy}.`,
    candidate && describeChange({ candidate, running, versionUrl }),
    describeGates(promotion.gates),
    describeOverrides(promotion),
    describeEvaluation(promotion.gates),
    describeSlices(promotion.gates),
    ...describeFacts(promotion.gates),
    describeConsumers(consumers),
    describeRollout(promotion),
    `### Way back\n\n${describeWayBack(promotion)}`,
    describeUpgrade(diff),
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

function describeGates(gates: Gate[]): string {
  const rows = gates.map(
    gate =>
      `| ${gate.title} | ${STATUS_WORDS[gate.status]} | ${cell(
        gate.summary,
      )} |`,
  );
  return [
    '### Gates',
    '',
    '| gate | result | evidence |',
    '| --- | --- | --- |',
  ]
    .concat(rows)
    .join('\n');
}

function describeOverrides(promotion: PromotionRecord): string | undefined {
  const overrides = overridesOf(promotion);
  if (overrides.length === 0) return undefined;
  const titles = new Map(promotion.gates.map(({ id, title }) => [id, title]));
  return [
    '### Overridden gates',
    '',
    ...overrides.map(
      ({ gate, by, reason }) =>
        `- ${titles.get(gate) ?? gate}, by ${by}: ${cell(reason)}`,
    ),
  ].join('\n');
}

function describeEvaluation(gates: Gate[]): string | undefined {
  const evidence = gates.find(gate => gate.id === 'evaluation')?.evidence;
  if (evidence?.kind === 'prompt-evaluation') return describePrompts(evidence);
  if (evidence?.kind !== 'evaluation' || !evidence.paired) return undefined;
  const { metric, base, candidate, paired, margin, comparedWith } = evidence;
  const [low, high] = paired.interval;
  return [
    '### Evaluation',
    '',
    `| ${metric} | value |`,
    '| --- | --- |',
    `| version ${comparedWith} (running) | ${show(base)} |`,
    `| this version | ${show(candidate)} |`,
    `| improvement | ${show(paired.improvement)} (95 % confidence: ${show(
      low,
    )} to ${show(high)}) |`,
    `| may be lost | ${show(margin)} |`,
    `| rows | ${paired.rows} |`,
  ].join('\n');
}

function describeSlices(gates: Gate[]): string | undefined {
  const evidence = gates.find(gate => gate.id === 'slices')?.evidence;
  if (evidence?.kind !== 'slices') return undefined;
  const words = { worse: '**worse**', 'not-worse': '', few: 'too few rows' };
  return [
    '### Slices',
    '',
    `| ${evidence.metric} | rows | running | this version | improvement | |`,
    '| --- | --- | --- | --- | --- | --- |',
    ...evidence.slices.map(
      ({ name, rows, base, candidate, improvement, interval, outcome }) =>
        `| ${cell(name)} | ${rows} | ${show(base)} | ${show(
          candidate,
        )} | ${show(improvement)} (${show(interval[0])} to ${show(
          interval[1],
        )}) | ${words[outcome]} |`,
    ),
  ].join('\n');
}

/** Gates whose figures need no table of their own. */
function describeFacts(gates: Gate[]): string[] {
  return gates.flatMap(({ title, evidence }) =>
    evidence?.kind === 'facts' && evidence.facts.length > 0
      ? [
          [
            `### ${title}`,
            '',
            '| | |',
            '| --- | --- |',
            ...evidence.facts.map(
              ({ label, value }) => `| ${cell(label)} | ${cell(value)} |`,
            ),
          ].join('\n'),
        ]
      : [],
  );
}

function describePrompts(
  evidence: Extract<Gate['evidence'], { kind: 'prompt-evaluation' }>,
): string | undefined {
  const { dataset, rows, scorers, base } = evidence;
  if (scorers.length === 0) return undefined;
  return [
    '### Evaluation',
    '',
    `${rows} prompts of ${dataset.name}, version ${dataset.version} (${dataset.digest}).`,
    '',
    `| right answers | ${
      base ? `version ${base.version} (running)` : 'running'
    } | this version | 95 % confidence |`,
    '| --- | --- | --- | --- |',
    ...scorers.map(
      scorer =>
        `| ${scorer.scorer} | ${percent(scorer.base)} | ${percent(
          scorer.candidate,
        )} | ${percent(scorer.interval[0])} to ${percent(
          scorer.interval[1],
        )} |`,
    ),
  ].join('\n');
}

function describeRollout(promotion: PromotionRecord): string {
  const { traffic, comparison, outcomes } = describePlan(
    planOfPromotion(promotion),
    promotion,
  );
  const sections = [
    '### Rollout',
    traffic.length === 1
      ? traffic[0]
      : traffic
          .map((sentence, index) => `${index + 1}. ${sentence}`)
          .join('\n'),
    comparison.length > 0 && '### How versions are compared',
    comparison.map(sentence => `- ${sentence}`).join('\n'),
    outcomes,
  ];
  return sections.filter(Boolean).join('\n\n');
}

function describeWayBack(promotion: PromotionRecord): string {
  const { kind, fromVersion, environment, rollbackTo } = promotion;
  const target = kind === 'rollback' ? rollbackTo?.version : fromVersion;
  return target === undefined
    ? `${environment} has nothing to go back to: remove the manifest to stop serving.`
    : `"Roll back" goes to version ${target}.`;
}

/** A format that changes along with the version is not to look like a change of what runs. */
function describeUpgrade(diff: string): string | undefined {
  const before = /^-apiVersion: *(\S+)/m.exec(diff)?.[1];
  const after = /^\+apiVersion: *(\S+)/m.exec(diff)?.[1];
  return before === undefined || after === undefined || before === after
    ? undefined
    : `### Format\n\nThe manifest is written as ${after} instead of ${before}. That alone changes nothing of what runs.`;
}

function quote(text: string): string {
  return text
    .split('\n')
    .map(line => `> ${line}`)
    .join('\n');
}

function cell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/\s+/g, ' ');
}

function percent(share: number | undefined): string {
  return share === undefined ? '' : `${show(share * 100)} %`;
}

function show(value: number | undefined): string {
  return value === undefined ? '' : String(Number(value.toPrecision(4)));
}
