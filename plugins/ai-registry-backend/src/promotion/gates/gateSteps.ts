import { toError } from '@backstage/errors';
import type { Gate } from '@greenroom/plugin-ai-registry-common';
import { TrialsBusyError } from '../../trials/TrialRunner';
import type { RecordedStep } from '../promotion';
import type {
  PromotionStep,
  StepContext,
  StepResult,
} from '../steps/PromotionStep';
import type { GateResult } from '../transitions';
import type { ConfiguredGate, Gates } from './Gates';
import type { GateFinding, GateMode } from './PromotionGate';

/** The step that asks a gate, or gets what a gate looks at; undefined for a step that is neither. */
export function findGateStep(
  gates: Gates,
  step: RecordedStep,
): Pick<PromotionStep, 'run'> | undefined {
  const { gate: id } = step;
  if (id !== undefined) {
    return {
      run: context => {
        const shown = context.promotion.gates.find(gate => gate.id === id);
        const title = shown?.title ?? step.title;
        return runGate(context, gates, { id, title });
      },
    };
  }
  const prepared = gates.all.find(({ prepare }) => prepare?.name === step.name);
  return (
    prepared?.prepare && {
      async run(context) {
        const configured = gates.find(prepared.id, context.promotion);
        return !prepared.prepare || configured?.mode === 'off'
          ? { outcome: 'done', skippedBecause: whyOff(context) }
          : prepared.prepare.run(context);
      },
    }
  );
}

async function runGate(
  context: StepContext,
  gates: Gates,
  asked: Pick<Gate, 'id' | 'title'>,
): Promise<StepResult> {
  const configured = gates.find(asked.id, context.promotion);
  if (!configured || configured.mode === 'off') {
    return {
      outcome: 'done',
      changes: {
        gates: [{ ...asked, status: 'skipped', summary: whyOff(context) }],
      },
    };
  }
  const finding = await ask(configured, context);
  switch (finding.status) {
    case 'under-way':
      return {
        outcome: 'under-way',
        waitingFor: finding.waitingFor,
        until: finding.until,
      };
    case 'not-asked':
      return { outcome: 'done', skippedBecause: finding.because };
    default:
      return {
        outcome: 'done',
        changes: {
          ...('learned' in finding && finding.learned),
          gates: [toResult(configured, finding)],
        },
      };
  }
}

/** What only reports holds up nothing, also where what it asks is away. */
async function ask(
  { check, mode }: ConfiguredGate,
  context: StepContext,
): Promise<GateFinding> {
  try {
    return await check(context);
  } catch (error) {
    context.signal.throwIfAborted();
    // Whoever waits for a trial keeps nobody else from their step.
    if (error instanceof TrialsBusyError) {
      const until = error.again.toISOString();
      return { status: 'under-way', waitingFor: error.message, until };
    }
    if (mode !== 'report') throw error;
    return {
      status: 'skipped',
      summary: `Could not be checked: ${toError(error).message}`,
    };
  }
}

/**
 * Asks the gates of a promotion again whose answer changes by itself, such as those that wait for
 * time to pass.
 *
 * @returns those that answer otherwise than before
 */
export async function recheckGates(
  context: StepContext,
  gates: Gates,
): Promise<GateResult[]> {
  const { promotion } = context;
  const changed: GateResult[] = [];
  for (const { gate: id, status } of promotion.steps) {
    const asked = id && gates.find(id, promotion);
    if (!asked || asked.mode === 'off' || status !== 'done') continue;
    if (asked.gate.when !== 'until-merged') continue;
    const finding = await ask(asked, context);
    if (finding.status === 'under-way' || finding.status === 'not-asked') {
      continue;
    }
    const result = toResult(asked, finding);
    const before = promotion.gates.find(gate => gate.id === id);
    if (!isSame(before, result)) changed.push(result);
  }
  return changed;
}

function isSame(before: Gate | undefined, result: GateResult): boolean {
  return (
    before?.status === result.status &&
    before.summary === result.summary &&
    before.until === result.until
  );
}

/** What the promotion shows of a finding. */
export function toResult(
  { gate, mode }: Pick<ConfiguredGate, 'gate' | 'mode'>,
  finding: Exclude<GateFinding, { status: 'under-way' | 'not-asked' }>,
): GateResult {
  const { id, title } = gate;
  const { summary, evidence } = finding;
  return {
    id,
    title,
    status: statusOf(mode, finding.status),
    summary,
    evidence,
    until: finding.status === 'waiting' ? finding.until : undefined,
  };
}

/** A gate that only reports holds up nothing, whatever it found. */
function statusOf(
  mode: GateMode,
  status: 'passed' | 'failed' | 'skipped' | 'undecided' | 'waiting',
): GateResult['status'] {
  const isFine = status === 'passed' || status === 'skipped';
  return mode === 'report' && !isFine ? 'warned' : status;
}

/** It was to be asked when the promotion was opened, and is not any more. */
function whyOff({ promotion }: StepContext): string {
  return promotion.kind === 'rollback'
    ? 'Not asked of a rollback: the version ran here before.'
    : 'Not asked: the gate was switched off since the promotion was opened.';
}
