import type { GateEvidence } from '@greenroom/plugin-ai-registry-common';
import { compareAnswers, type AnswerChanges } from '../evidence/compareAnswers';
import type { StepContext } from '../steps/PromotionStep';
import type { GateFinding, PromotionGate } from './PromotionGate';

/** With fewer, a share says nothing. */
const LEAST_ROWS = 20;

/** What callers would be told otherwise, of the rows that they asked lately. */
export const replay: PromotionGate = {
  id: 'replay',
  title: 'Answers to the last rows',
  step: { name: 'check-replay', title: 'Answer the last rows' },
  when: 'once',
  defaultMode: 'report',
  ofRollback: 'off',
  isOnDemand: true,
  configure(config) {
    const maxChangedShare = config.optionalNumber('maxChangedShare', {
      between: [0, 1],
    });
    return { check: context => check(context, maxChangedShare) };
  },
};

async function check(
  context: StepContext,
  maxChangedShare: number | undefined,
): Promise<GateFinding> {
  const { environment, version } = context.promotion;
  const running = await context.running();
  if (!running?.recentRows) {
    return {
      status: 'not-asked',
      because: running
        ? `Not asked: the manifest keeps no rows (spec.recentRows).`
        : `Not asked: nothing runs in ${environment} yet.`,
    };
  }
  const names = await featureNames(context, running.version, version);
  if (!names) {
    return skipped(
      'the two versions do not have the same features in the same order',
    );
  }
  const rows = (await context.recentRows(running.version)).filter(
    ({ prediction }) => prediction !== undefined,
  );
  if (rows.length < LEAST_ROWS) {
    return skipped(
      `${rows.length} rows were kept that version ${running.version} answered, of at least ${LEAST_ROWS}`,
    );
  }
  const rehearsal = await context.rehearse(
    version,
    rows.map(({ features }) => features),
  );
  const changes =
    rehearsal &&
    compareAnswers(
      rows.map(({ prediction }) => prediction ?? null),
      rehearsal.predictions,
    );
  if (!changes || changes.rows < LEAST_ROWS) {
    return skipped(
      rehearsal?.left ?? 'the version could not be asked by a trial',
    );
  }
  return judge(changes, maxChangedShare, {
    running: running.version,
    left: rehearsal.left,
  });
}

function judge(
  changes: AnswerChanges,
  maxChangedShare: number | undefined,
  options: { running: number; left: string | undefined },
): GateFinding {
  const { rows, changed, interval, moves, distance } = changes;
  const evidence: GateEvidence = {
    kind: 'facts',
    facts: [
      {
        label: 'Other answers',
        value: `${changed} of ${rows} rows (${percent(
          changed / rows,
        )}; 95 % confidence: ${percent(interval[0])} to ${percent(
          interval[1],
        )})`,
      },
      ...moves.map(move => ({
        label: `${move.from} becomes ${move.to}`,
        value: `${move.rows} rows`,
      })),
      ...(distance
        ? [
            { label: 'Mean difference', value: short(distance.mean) },
            { label: 'Largest difference', value: short(distance.largest) },
          ]
        : []),
      ...(options.left ? [{ label: 'Left out', value: options.left }] : []),
    ],
  };
  const found = `${percent(
    changed / rows,
  )} of the last ${rows} rows would be answered otherwise than by version ${
    options.running
  }`;
  if (maxChangedShare === undefined) {
    return { status: 'passed', summary: `${found}.`, evidence };
  }
  const limit = `up to ${percent(maxChangedShare)} may be`;
  if (interval[0] > maxChangedShare) {
    return { status: 'failed', summary: `${found}, and ${limit}.`, evidence };
  }
  return interval[1] <= maxChangedShare
    ? { status: 'passed', summary: `${found}; ${limit}.`, evidence }
    : {
        status: 'undecided',
        summary: `${found}, and ${limit}: these rows cannot tell whether it is more.`,
        evidence,
      };
}

/** Rows are values without names: they mean the same only where the features are the same. */
async function featureNames(
  context: StepContext,
  ...versions: number[]
): Promise<string | undefined> {
  const [one, other] = await Promise.all(
    versions.map(async version => {
      const { schema } = await context.version(version);
      return schema && JSON.stringify(schema.features.map(({ name }) => name));
    }),
  );
  return one === other ? one : undefined;
}

function skipped(because: string): GateFinding {
  return { status: 'skipped', summary: `Not compared: ${because}.` };
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
